/* A database connection: statements by name, prepared when first needed and
 * once more when the database has forgotten or outdated them. SQLite's go to
 * it past apr_dbd (db_sqlite.c), others through it (db_dbd.c). Knows no
 * table. */
#ifndef UBAL_STORE_DB_H
#define UBAL_STORE_DB_H

#include <apr_dbd.h>

#include "core/error.h"
#include "sql_text.h"
#include "store/folder.h"

typedef enum {
    UBAL_DIALECT_SQLITE,
    UBAL_DIALECT_PGSQL
} ubal_dialect_e;

typedef struct ubal_db_sqlite_t ubal_db_sqlite_t;
struct sqlite3;

/* Which file a path names; 0 where it names none. */
typedef struct ubal_file_t {
    apr_uint64_t device, inode;
} ubal_file_t;

typedef struct ubal_db_t {
    const apr_dbd_driver_t *driver;
    apr_dbd_t *handle;
    apr_pool_t *pool; /* lives as long as the connection */
    ubal_dialect_e dialect;
    /* what the server says of the session: libpq's PQparameterStatus(), NULL
     * on SQLite */
    const char *(*parameter)(const void *connection, const char *name);
    int is_in_transaction;
    int is_writer; /* the session may hold what another one would not */
    ubal_db_sqlite_t *sqlite; /* its statements; NULL: another database */
    const char *path;         /* of an SQLite file, and which that was */
    ubal_file_t file;
    const char *index_path; /* NULL, or of its -shm */
    int index_fd;           /* which that was; -1: there was none */
    ubal_folder_t folder;   /* where both are */
    void *remembered;       /* NULL, or what store/read.c has read of it */
    int (*process_of)(const void *); /* libpq's PQbackendPID; NULL */
    apr_int64_t process; /* the server's, that was looked at last */
    int keeps_names;     /* whether it keeps what is prepared for us */
    int names;           /* that have been given */
    struct {
        const char *name; /* NULL: the server does not have it */
        int uses;
    } kept[UBAL_SQL_COUNT];
    apr_dbd_prepared_t *prepared[UBAL_SQL_COUNT]; /* of apr_dbd's */
    apr_pool_t *prepared_pool[UBAL_SQL_COUNT];    /* each statement's own */
} ubal_db_t;

/* Finds or makes the ubal_db_t of a connection of apr_dbd's that mod_dbd owns;
 * it is kept as userdata of `pool`, the connection's own. UBAL_ERR_CONFIG for
 * a driver that is not pgsql. */
ubal_error_t *ubal_db_wrap(ubal_db_t **db, const apr_dbd_driver_t *driver,
                           apr_dbd_t *handle, apr_pool_t *pool);

/* Makes `*db` a connection for reading to the SQLite file that is at `path`
 * now: `*db` as it was, where that is it; else (NULL, or the file or its -shm
 * were replaced or removed since) it is closed, and another opened that is
 * closed with `owner`. On an error `*db` is NULL, and nothing is left in
 * `owner`. UBAL_ERR_NO_SCHEMA where there is no file. */
ubal_error_t *ubal_db_follow(ubal_db_t **db, const char *path,
                             apr_pool_t *owner, apr_pool_t *pool);

/* SQLite's own handle of a connection to it. */
struct sqlite3 *ubal_db_native(const ubal_db_t *db);

/* Opens a connection of the caller's own for writing, closed with `pool`.
 * PostgreSQL: one that breaks stays broken, as its locks are gone with it.
 * SQLite (`params` is a path or file: URI; the file is created): WAL,
 * synchronous=FULL, persistent WAL, and refused (UBAL_ERR_CONFIG) on a
 * network file system. */
ubal_error_t *ubal_db_open(ubal_db_t **db, const char *driver,
                           const char *params, apr_pool_t *pool);

/* What such a connection holds of an SQLite file in memory, as its PRAGMA
 * cache_size wants it: KB. Where a commit changes more, the rest is written
 * twice. */
#define UBAL_DB_CACHE "-7000"

/* The same for reading alone: a file that is missing is UBAL_ERR_NO_SCHEMA
 * and is not created. */
ubal_error_t *ubal_db_open_reader(ubal_db_t **db, const char *driver,
                                  const char *params, apr_pool_t *pool);

/* Transactions, as plain statements, because apr_dbd's own hide a rollback.
 * begin takes the write lock at once on SQLite (BEGIN IMMEDIATE); on
 * PostgreSQL the owner's token is locked first (store/meta.h), and what waits
 * for a lock gives up after two seconds. After any error inside, roll back.
 * rollback reports nothing: it runs after an error that says more. */
ubal_error_t *ubal_db_begin(ubal_db_t *db, apr_pool_t *pool);
ubal_error_t *ubal_db_commit(ubal_db_t *db, apr_pool_t *pool);
/* A transaction that only reads: one snapshot until rollback. */
ubal_error_t *ubal_db_begin_read(ubal_db_t *db, apr_pool_t *pool);
void ubal_db_rollback(ubal_db_t *db, apr_pool_t *pool);

/* Runs statement `sql`. Its parameters follow, by address, as apr_dbd's
 * pvbselect takes them: const char * for %s, apr_int64_t * for %lld. `rows`,
 * how many were changed, may be NULL. A statement that the database has
 * outdated is prepared once more; a lock is waited for half a second.
 * UBAL_ERR_NO_SCHEMA where a table or column is missing, else UBAL_ERR_DB with
 * the driver's text. On SQLite nothing is allocated in `pool` but errors, and
 * the text of a statement when it is prepared. */
ubal_error_t *ubal_db_run(ubal_db_t *db, int *rows, apr_pool_t *pool,
                          ubal_sql_e sql, ...);

/* Runs a script of statements that give no rows, as it stands (no parameters,
 * no space after its last semicolon). On SQLite a lock is waited for a second
 * and a half. */
ubal_error_t *ubal_db_script(ubal_db_t *db, const char *script,
                             apr_pool_t *pool);

/* Forgets all prepared statements: after this connection has changed the
 * schema, SQLite has outdated them without saying so. */
void ubal_db_forget(ubal_db_t *db);

/* A result, read row by row. On SQLite all its rows are in the select's pool
 * already: no snapshot is held while they are read. */
typedef struct ubal_rows_t ubal_rows_t;

/* Runs a statement that gives rows; errors as for ubal_db_run. */
ubal_error_t *ubal_db_select(ubal_rows_t **rows, ubal_db_t *db,
                             apr_pool_t *pool, ubal_sql_e sql, ...);

/* Goes to the next row: `*has_row` 0 at the end. */
ubal_error_t *ubal_rows_next(ubal_rows_t *rows, int *has_row);

/* Runs a statement and goes to its first row; where it has none, `*has_row` is
 * 0. For statements that give one row at most, INSERT ... RETURNING too. */
ubal_error_t *ubal_db_first(ubal_rows_t **rows, int *has_row, ubal_db_t *db,
                            apr_pool_t *pool, ubal_sql_e sql, ...);

/* Runs a statement that gives one row of `count` integers at most (a NULL is
 * 0); `*has_row` 0 and `values` as they were where it gives none. Allocates as
 * ubal_db_run. */
ubal_error_t *ubal_db_read(ubal_db_t *db, int *has_row, apr_int64_t *values,
                           int count, apr_pool_t *pool, ubal_sql_e sql, ...);

/* Which state of the database the last statement saw: others of this
 * connection that saw the same number saw the same contents. 0 where that is
 * not told (PostgreSQL, and in a transaction that may have changed them). */
apr_uint64_t ubal_db_state(const ubal_db_t *db);

/* Columns of the current row, from 0: `fallback` (or NULL) for SQL NULL; the
 * text is valid until the pool of the select is cleared. */
apr_int64_t ubal_rows_int(ubal_rows_t *rows, int column, apr_int64_t fallback);
const char *ubal_rows_text(ubal_rows_t *rows, int column);

/* 1 where the SQLite file of a connection is no longer the one at its path (a
 * restore, a rename), nor its -shm where that is known; always 0 on
 * PostgreSQL. */
int ubal_db_was_replaced(const ubal_db_t *db);

/* What is at the path of the file that was opened. */
typedef enum {
    UBAL_FILE_SAME, /* always so with PostgreSQL */
    UBAL_FILE_GONE,
    UBAL_FILE_OTHER
} ubal_file_e;

ubal_file_e ubal_db_find_file(const ubal_db_t *db);

/* UBAL_ERR_FENCED where it was: what is written goes to nobody, and what is
 * moved from the log to the file is not kept from who reads there. */
ubal_error_t *ubal_db_is_there(const ubal_db_t *db, apr_pool_t *pool);

#endif
