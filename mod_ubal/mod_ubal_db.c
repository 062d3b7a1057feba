/* mod_dbd's connections, one question at a time. For SQLite such a connection
 * is a leave to ask: what is asked is a connection of our own that goes with
 * it, which can be opened anew when the file was replaced (others may have
 * prepared statements on mod_dbd's). */
#include "mod_ubal_db.h"

#include <string.h>
#include <unistd.h>

#include <apr_dbd.h>
#include <mod_dbd.h>

#include "mod_ubal.h"
#include "mod_ubal_config.h"
#include "store/linger.h"

static const char key_of_reader[] = "ubal_reader";

/* mod_dbd's; NULL where it is not loaded. Looked up once: by name, it takes
 * longer than what they do. */
static APR_OPTIONAL_FN_TYPE(ap_dbd_open) * dbd_open;
static APR_OPTIONAL_FN_TYPE(ap_dbd_close) * dbd_close;

void mod_ubal_db_find_dbd(void)
{
    dbd_open = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_open);
    dbd_close = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_close);
}

/* The place of our own connection beside one of mod_dbd's. */
static ubal_db_t **find_reader(apr_pool_t *owner)
{
    void *known = NULL;

    apr_pool_userdata_get(&known, key_of_reader, owner);
    if (!known) {
        known = apr_pcalloc(owner, sizeof(ubal_db_t *));
        apr_pool_userdata_setn(known, key_of_reader, NULL, owner);
    }
    return known;
}

static ubal_error_t *find_db(ubal_db_t **db, request_rec *r,
                             const ap_dbd_t *connection)
{
    const ubal_server_t *server =
        ap_get_module_config(r->server->module_config, &ubal_module);
    ubal_db_t **reader;
    ubal_error_t *err;

    if (!server->database->path) {
        return ubal_db_wrap(db, connection->driver, connection->handle,
                            connection->pool);
    }
    reader = find_reader(connection->pool);
    err = ubal_db_follow(reader, server->database->path, connection->pool,
                         r->pool);
    *db = *reader;
    if (!err && server->database->linger) {
        ubal_linger_touch(server->database->linger);
    }
    return err;
}

/* Whether the file was ever there: mod_dbd would log an error for each request
 * that comes before. */
static int is_made(ubal_database_t *database)
{
    if (database->path && !apr_atomic_read32(&database->is_seen)) {
        if (access(database->path, F_OK)) {
            return 0;
        }
        apr_atomic_set32(&database->is_seen, 1);
    }
    return 1;
}

static ubal_error_t *connect_to(ap_dbd_t **connection, request_rec *r)
{
    const ubal_server_t *server =
        ap_get_module_config(r->server->module_config, &ubal_module);

    if (!is_made(server->database)) {
        return ubal_error_make(UBAL_ERR_NO_SCHEMA, r->pool,
                               "there is no database %s yet",
                               server->database->path);
    }
    *connection = dbd_open ? dbd_open(r->pool, r->server) : NULL;
    return *connection ? NULL
                       : ubal_error_make(UBAL_ERR_SYSTEM, r->pool,
                                         "mod_dbd has no connection to give");
}

static ubal_error_t *ask_once(request_rec *r, mod_ubal_db_ask_fn ask,
                              void *baton)
{
    ap_dbd_t *connection;
    ubal_db_t *db;
    ubal_error_t *err = connect_to(&connection, r);

    if (err) {
        return err;
    }
    err = find_db(&db, r, connection);
    if (!err) {
        err = ask(baton, db, r->pool);
    }
    dbd_close(r->server, connection);
    return err;
}

ubal_error_t *mod_ubal_db_ask(request_rec *r, mod_ubal_db_ask_fn ask,
                              void *baton)
{
    ubal_error_t *err = ask_once(r, ask, baton);

    /* mod_dbd checks a connection when it hands it out, and reopens one that
     * the database's restart has cut; a file can be replaced while it is
     * opened. */
    if (err && err->kind == UBAL_ERR_DB) {
        err = ask_once(r, ask, baton);
    }
    return err;
}
