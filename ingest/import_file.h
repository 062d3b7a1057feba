/* A file that is imported, record by record: CSV with a header, or a JSON
 * object a line. Knows bytes, lines and positions, not what a field means. */
#ifndef UBAL_IMPORT_FILE_H
#define UBAL_IMPORT_FILE_H

#include <apr_sha1.h>

#include "core/error.h"
#include "import_csv.h"

/* The bytes that a record has at most. */
#define UBAL_IMPORT_RECORD_MAX 65536

typedef enum {
    UBAL_IMPORT_ANY, /* what its first byte says */
    UBAL_IMPORT_CSV,
    UBAL_IMPORT_NDJSON
} ubal_import_format_e;

typedef struct ubal_import_file_t {
    const char *name; /* for people */
    ubal_import_format_e format;
    apr_int64_t size;     /* bytes */
    const char *head;     /* a digest of its first bytes, in hex */
    apr_int64_t position; /* bytes of the records read, and before them */
    apr_int64_t line;     /* of the record read last, from 1 */

    /* The record that was read: its bytes without line end, and for CSV its
     * fields. Valid until the next. */
    const char *text;
    apr_size_t length;
    ubal_csv_t csv;
    ubal_csv_field_t *header; /* of CSV; NULL: none */
    int columns;

    int fd;
    char *buffer;
    apr_size_t begin, end; /* what is read and not used lies between them */
    int is_eof;
    int lines; /* line ends of the record read last */
    apr_sha1_ctx_t sha1;
    apr_pool_t *pool;
} ubal_import_file_t;

/* Opens the file at `path`; "-" is standard input, which is copied into
 * `folder` first where it is no file. Reads the header of CSV. */
ubal_error_t *ubal_import_file_open(ubal_import_file_t **file,
                                    const char *path, const char *folder,
                                    ubal_import_format_e format,
                                    apr_pool_t *pool);

/* Goes to the next record; `*has_record` 0 at the end. UBAL_ERR_INPUT, naming
 * the line, where the file is malformed from there on. */
ubal_error_t *ubal_import_file_next(int *has_record, ubal_import_file_t *file);

/* Puts the digest of all bytes up to where file->sha1, or a copy of it, was
 * into `hex`, of 41 bytes. */
void ubal_import_file_digest(char *hex, const apr_sha1_ctx_t *sha1);

/* Goes to `position`, whose record before ends at `line`; `*is_same` 0 where
 * the digest of what comes before is not `hex`: it is at its beginning then.
 */
ubal_error_t *ubal_import_file_skip(int *is_same, ubal_import_file_t *file,
                                    apr_int64_t position, apr_int64_t line,
                                    const char *hex);

/* Goes back to the first record. */
ubal_error_t *ubal_import_file_rewind(ubal_import_file_t *file);

/* An error about the record read last: "FILE line N: ...". */
ubal_error_t *ubal_import_file_fault(const ubal_import_file_t *file,
                                     const char *what);

#endif
