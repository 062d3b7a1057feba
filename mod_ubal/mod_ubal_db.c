/* mod_dbd's connections, one question at a time. */
#include "mod_ubal_db.h"

#include <apr_dbd.h>
#include <mod_dbd.h>

static ubal_error_t *ask_once(request_rec *r, mod_ubal_db_ask_fn ask,
                              void *baton)
{
    APR_OPTIONAL_FN_TYPE(ap_dbd_open) *dbd_open =
        APR_RETRIEVE_OPTIONAL_FN(ap_dbd_open);
    APR_OPTIONAL_FN_TYPE(ap_dbd_close) *dbd_close =
        APR_RETRIEVE_OPTIONAL_FN(ap_dbd_close);
    ap_dbd_t *connection = dbd_open ? dbd_open(r->pool, r->server) : NULL;
    ubal_db_t *db;
    ubal_error_t *err;

    if (!connection) {
        return ubal_error_make(UBAL_ERR_NO_SCHEMA, r->pool,
                               "mod_dbd has no connection to give");
    }
    err = ubal_db_wrap(&db, connection->driver, connection->handle,
                       connection->pool);
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
     * the database's restart has cut. */
    if (err && err->kind == UBAL_ERR_DB) {
        err = ask_once(r, ask, baton);
    }
    return err;
}
