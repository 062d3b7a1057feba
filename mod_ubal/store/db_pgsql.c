/* PostgreSQL's error codes. See db_pgsql.h. */
#include "store/db_pgsql.h"

#include <dlfcn.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "store/db_driver.h"

/* libpq's. */
#define VERBOSE 2
#define CODE_LENGTH 5

typedef int (*set_verbosity_fn)(void *connection, int verbosity);
typedef int (*process_fn)(const void *connection);
typedef const char *(*parameter_fn)(const void *connection, const char *name);

/* https://www.postgresql.org/docs/15/errcodes-appendix.html */
static const struct {
    const char *code; /* or what it begins with */
    ubal_error_kind_e kind;
    const char *advice;
} meanings[] = {
    {"42P01", UBAL_ERR_NO_SCHEMA, NULL},
    {"42703", UBAL_ERR_NO_SCHEMA, NULL},
    {"3F000", UBAL_ERR_NO_SCHEMA, NULL},
    {"3D000", UBAL_ERR_NO_SCHEMA, NULL},
    {"40001", UBAL_ERR_DB, "rows were locked by another transaction"},
    {"40P01", UBAL_ERR_DB, "rows were locked by another transaction"},
    {"55P03", UBAL_ERR_DB, "rows are locked by another transaction"},
    {"53100", UBAL_ERR_DB, "the server's disk is full"},
    {"42501", UBAL_ERR_DB, "the role lacks a GRANT"},
    {"25006", UBAL_ERR_DB, "the server is a standby, or its role only reads"},
};

/* libpq is the driver's, which APR has loaded for all to see: it is not linked
 * to for this one call. Without it, what can be known is in the text. */
void ubal_db_pgsql_set_up(ubal_db_t *db)
{
    set_verbosity_fn set_verbosity =
        (set_verbosity_fn)dlsym(RTLD_DEFAULT, "PQsetErrorVerbosity");

    if (set_verbosity) {
        set_verbosity(apr_dbd_native_handle(db->driver, db->handle), VERBOSE);
    }
    db->process_of = (process_fn)dlsym(RTLD_DEFAULT, "PQbackendPID");
    db->parameter = (parameter_fn)dlsym(RTLD_DEFAULT, "PQparameterStatus");
}

/* "" where it is not known. */
static const char *parameter_of(const ubal_db_t *db, const char *name)
{
    const char *value =
        db->parameter
            ? db->parameter(apr_dbd_native_handle(db->driver, db->handle),
                            name)
            : NULL;

    return value ? value : "";
}

ubal_error_t *ubal_db_pgsql_speak(const ubal_db_t *db, apr_pool_t *pool)
{
    static const char statement[] = "SET client_encoding = 'UTF8'";
    int rows, code;
    const char *text;

    if (db->parameter &&
        !strcmp(parameter_of(db, "client_encoding"), "UTF8")) {
        return NULL;
    }
    code = apr_dbd_query(db->driver, db->handle, &rows, statement);
    if (!code) {
        return NULL;
    }
    text = apr_dbd_error(db->driver, db->handle, code);
    return ubal_db_pgsql_error(statement, text ? text : "no reason given",
                               pool);
}

ubal_error_t *ubal_db_pgsql_check_encoding(const ubal_db_t *db,
                                           apr_pool_t *pool)
{
    const char *encoding = parameter_of(db, "server_encoding");

    return !*encoding || !strcmp(encoding, "UTF8") ||
                   !strcmp(encoding, "SQL_ASCII")
               ? NULL
               : ubal_error_make(
                     UBAL_ERR_CONFIG, pool,
                     "the database's encoding is %s, in which not every user "
                     "can be written: make it with ENCODING 'UTF8' TEMPLATE "
                     "template0",
                     encoding);
}

#define NOTICES                                                        \
    "connect_timeout=5", "keepalives_idle=1", "keepalives_interval=1", \
        "keepalives_count=3", "tcp_user_timeout=4000",                 \
        "application_name=ubal-ingest"

const char *ubal_db_pgsql_params(const char *params, apr_pool_t *pool)
{
    static const char *const notices[] = {NOTICES, NULL};
    int is_uri = !strncmp(params, "postgres", 8) && strstr(params, "://");
    const char *mark = strchr(params, '?') ? "&" : "?";
    int i;

    for (i = 0; notices[i]; i++) {
        const char *key =
            apr_pstrmemdup(pool, notices[i], strcspn(notices[i], "="));

        if (strstr(params, key)) {
            continue;
        }
        params = is_uri ? apr_pstrcat(pool, params, mark, notices[i], NULL)
                        : apr_pstrcat(pool, notices[i], " ", params, NULL);
        mark = "&";
    }
    return params;
}

apr_int64_t ubal_db_pgsql_process(const ubal_db_t *db)
{
    return db->process_of
               ? db->process_of(apr_dbd_native_handle(db->driver, db->handle))
               : 0;
}

ubal_error_t *ubal_db_pgsql_tune(ubal_db_t *db, apr_pool_t *pool)
{
    return ubal_db_dbd_script(db, "SET jit = off", pool);
}

int ubal_db_pgsql_is_new(const ubal_db_t *db)
{
    return ubal_db_pgsql_process(db) != db->process;
}

/* The process that answers, 0 where none does. */
static apr_int64_t ask_process(const ubal_db_t *db, apr_pool_t *pool)
{
    apr_dbd_results_t *results = NULL;
    apr_dbd_row_t *row = NULL;
    apr_int64_t process = 0;

    if (!apr_dbd_select(db->driver, pool, db->handle, &results,
                        "SELECT pg_backend_pid()", 1) &&
        !apr_dbd_get_row(db->driver, pool, results, &row, -1)) {
        apr_dbd_datum_get(db->driver, row, 0, APR_DBD_TYPE_LONGLONG, &process);
    }
    return process;
}

void ubal_db_pgsql_look(ubal_db_t *db, apr_pool_t *pool)
{
    apr_int64_t told = ubal_db_pgsql_process(db);
    apr_int64_t answered = ask_process(db, pool);

    /* what has not answered is looked at again */
    db->process = answered ? told : 0;
    db->keeps_names = answered != 0 && answered == told;
}

static int is_code(const char *text)
{
    int i;

    for (i = 0; i < CODE_LENGTH; i++) {
        if (!apr_isdigit(text[i]) && !apr_isupper(text[i])) {
            return 0;
        }
    }
    return text[CODE_LENGTH] == ':' && text[CODE_LENGTH + 1] == ' ';
}

/* What follows the severity, "ERROR:  ", where that is a code. */
static const char *find_code(const char *text)
{
    const char *at = strstr(text, ":  ");

    return at && is_code(at + 3) ? at + 3 : NULL;
}

ubal_error_t *ubal_db_pgsql_error(const char *what, const char *text,
                                  apr_pool_t *pool)
{
    const char *line = apr_pstrmemdup(pool, text, strcspn(text, "\n"));
    const char *code = find_code(line);
    size_t i;

    if (!code) {
        return ubal_db_error(what, line, pool);
    }
    for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
        if (!strncmp(code, meanings[i].code, strlen(meanings[i].code))) {
            return ubal_error_make(meanings[i].kind, pool, "%s: %s%s%s", what,
                                   code, meanings[i].advice ? ": " : "",
                                   meanings[i].advice ? meanings[i].advice
                                                      : "");
        }
    }
    return ubal_error_make(UBAL_ERR_DB, pool, "%s: %s", what, code);
}
