/* SQLite's write-ahead log, written in large pieces. SQLite writes two pieces
 * for each page that a commit has changed, 24 bytes and the page: thousands of
 * system calls for a page of transactions. This gathers what is written in a
 * row, and hands it on before anybody could miss it: before the log is synced,
 * measured or cut, before what was gathered is read, before the log's index
 * tells of it, and before the lock of the one who writes is given back, after
 * which the place is another's. What a kill loses was not committed. */
#ifndef UBAL_STORE_LOG_FILE_H
#define UBAL_STORE_LOG_FILE_H

/* Name of the VFS to open a connection with whose PRAGMA synchronous is FULL,
 * so that each commit syncs the log before it counts; NULL, which is SQLite's
 * own, where it cannot be had. From one thread at a time. */
const char *ubal_log_file_vfs(void);

#endif
