/* The lock file of a database: who holds its flock may fetch and write.
 * Besides, it keeps two small records for the next holder, each at an offset
 * of its own and followed by a checksum: the witness, which the daemon reads
 * and writes (ingest/owner.h), and how the last start went, which is kept
 * here. They are for this host and need not survive its boot. A stamp beside
 * them tells a file that was copied back, from a backup of the whole folder:
 * its records are none, as they are older than what was done since.
 *
 * Knows files alone: no database, no httpd, and no pools or ubal_error_t,
 * because httpd's supervisor threads may run while pools are being destroyed.
 * Failures are -1 or 0 with errno. */
#ifndef UBAL_STORE_LOCK_H
#define UBAL_STORE_LOCK_H

#include <apr.h>

/* Offsets of the records in the file. */
#define UBAL_LOCK_WITNESS 0
#define UBAL_LOCK_START 512

/* Opens the lock file for reading and writing, made with mode 0640 where it
 * is missing; never through a symbolic link, and close-on-exec. Returns the
 * descriptor; -1 with errno. Takes no lock. */
int ubal_lock_open(const char *path);

/* 1 where `fd` is still the file at `path`: a lock on a file that was removed
 * or replaced locks nobody out. */
int ubal_lock_is_at(int fd, const char *path);

/* 1 where someone holds the lock at `path`; 0 where no one does or there is
 * no such file. Takes nothing, makes nothing. */
int ubal_lock_is_held(const char *path);

/* Reads the record of `size` bytes at `offset`; returns 0 (and leaves zeros)
 * where it is missing, cut or its checksum is wrong, or where others have
 * changed the file since it was written to here; else 1. */
int ubal_lock_read(int fd, apr_off_t offset, void *record, apr_size_t size);

/* Writes it in one pwrite, not synced; where others have changed the file, the
 * other record is forgotten. Returns 0 with errno on failure. `size` is at
 * most 256. Only for who holds the lock. */
int ubal_lock_write(int fd, apr_off_t offset, const void *record,
                    apr_size_t size);

/* How the last start of a daemon went, for the next. */
typedef struct ubal_lock_start_t {
    apr_int64_t at;       /* us of CLOCK_BOOTTIME; 0: none, or all was well */
    apr_int64_t failures; /* daemons in a row that ended at once */
    apr_int64_t generation;
} ubal_lock_start_t;

/* Returns how long the holder of the lock is to wait before it starts a
 * daemon, us: nothing where the last one lived for 5 s, ended in order or was
 * of another `generation` (a restart may have mended what it died of); else
 * 0.1 s, doubled with each failure in a row up to 30 s. `*start` is what
 * ubal_lock_note_start takes then. */
apr_int64_t ubal_lock_delay(ubal_lock_start_t *start, int fd,
                            apr_int64_t generation);

/* Notes that a daemon is started now. */
void ubal_lock_note_start(int fd, ubal_lock_start_t *start);

/* Notes an orderly end: the next start need not wait. */
void ubal_lock_note_end(int fd);

#endif
