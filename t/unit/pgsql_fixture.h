/* A PostgreSQL database of a test's own, in the server that UBAL_TEST_PG
 * names; and what another process does there, on a connection of its own.
 * What should work and does not ends the program. For store_fixture.h. */
#ifndef UBAL_T_PGSQL_FIXTURE_H
#define UBAL_T_PGSQL_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <apr_dbd.h>
#include <apr_strings.h>

typedef struct pgsql_t {
    const char *server, *database;
    const char *params; /* DBDParams */
    apr_pool_t *pool;
} pgsql_t;

typedef struct pgsql_session_t {
    const apr_dbd_driver_t *driver;
    apr_dbd_t *handle;
} pgsql_session_t;

static inline pgsql_session_t pgsql_connect(const pgsql_t *pg,
                                            const char *database)
{
    pgsql_session_t session = {0};
    const char *reason = "no driver";
    const char *params = apr_psprintf(pg->pool, "%s dbname=%s", pg->server,
                                      database ? database : pg->database);

    apr_dbd_init(pg->pool);
    if (apr_dbd_get_driver(pg->pool, "pgsql", &session.driver) ||
        apr_dbd_open_ex(session.driver, pg->pool, params, &session.handle,
                        &reason)) {
        printf("Bail out! %s: %s\n", params, reason);
        exit(1);
    }
    return session;
}

static inline void pgsql_close(pgsql_session_t *session)
{
    apr_dbd_close(session->driver, session->handle);
}

static inline void pgsql_run(pgsql_session_t *session, const char *text)
{
    int rows, code;

    code = apr_dbd_query(session->driver, session->handle, &rows, text);
    if (code) {
        printf("Bail out! %s: %s\n", text,
               apr_dbd_error(session->driver, session->handle, code));
        exit(1);
    }
}

/* The first column of the rows, joined by newlines; NULL where there is none.
 */
static inline const char *
pgsql_text(const pgsql_t *pg, pgsql_session_t *session, const char *text)
{
    apr_dbd_results_t *results = NULL;
    apr_dbd_row_t *row = NULL;
    const char *all = NULL;
    int code = apr_dbd_select(session->driver, pg->pool, session->handle,
                              &results, text, 1);

    if (code) {
        printf("Bail out! %s: %s\n", text,
               apr_dbd_error(session->driver, session->handle, code));
        exit(1);
    }
    while (!apr_dbd_get_row(session->driver, pg->pool, results, &row, -1)) {
        const char *column = apr_dbd_get_entry(session->driver, row, 0);

        all = apr_pstrcat(pg->pool, all ? all : "", all ? "\n" : "",
                          column ? column : "", NULL);
    }
    return all;
}

/* Another program that stores transactions keeps ids beside them. */
static inline void pgsql_sync_ids(pgsql_session_t *session)
{
    pgsql_run(session,
              "DELETE FROM ids i WHERE NOT EXISTS (SELECT 1 FROM transactions "
              "t WHERE t.vendor = i.vendor AND t.id = i.id);"
              "INSERT INTO ids SELECT vendor, id, user_id, created_at "
              "FROM transactions ON CONFLICT DO NOTHING");
}

/* Copies a database, that nobody is connected to. */
static inline void pgsql_copy(const pgsql_t *pg, const char *to,
                              const char *from)
{
    pgsql_session_t session = pgsql_connect(pg, "postgres");

    pgsql_run(&session, apr_pstrcat(pg->pool, "CREATE DATABASE ", to,
                                    from ? " TEMPLATE " : NULL, from, NULL));
    pgsql_close(&session);
}

static inline void pgsql_drop(const pgsql_t *pg, const char *database)
{
    pgsql_session_t session = pgsql_connect(pg, "postgres");

    pgsql_run(&session, apr_pstrcat(pg->pool, "DROP DATABASE ", database,
                                    " WITH (FORCE)", NULL));
    pgsql_close(&session);
}

static inline void pgsql_begin(pgsql_t *pg, apr_pool_t *pool)
{
    static int count;

    pg->pool = pool;
    pg->server = getenv("UBAL_TEST_PG");
    if (!pg->server) {
        printf("Bail out! UBAL_TEST_PG names no server: t/pg/server start\n");
        exit(1);
    }
    pg->database = apr_psprintf(pool, "unit_%d_%d", (int)getpid(), ++count);
    pg->params = apr_psprintf(pool, "%s dbname=%s", pg->server, pg->database);
    pgsql_copy(pg, pg->database, NULL);
}

#endif
