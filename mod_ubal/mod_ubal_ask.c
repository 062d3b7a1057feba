/* Questions and the limits of their answers. See mod_ubal_ask.h. */
#include "mod_ubal_ask.h"

#include <http_log.h>

#include <apr_strings.h>
#include <apr_time.h>

#include "core/time.h"
#include "mod_ubal.h"
#include "mod_ubal_config.h"
#include "mod_ubal_location.h"
#include "mod_ubal_reply.h"

APLOG_USE_MODULE(ubal);

static int is_stale(request_rec *r, const ubal_coverage_t *coverage)
{
    apr_int64_t most = ubal_location_of(r)->max_stale;

    return most && apr_time_now() - coverage->as_of > most;
}

/* Nobody is at fault while a companion is making the database. */
static int refuse(request_rec *r, const ubal_error_t *err)
{
    const ubal_server_t *server =
        ap_get_module_config(r->server->module_config, &ubal_module);

    if (err->kind == UBAL_ERR_NO_SCHEMA && server->database->is_ingest_on) {
        ap_log_rerror(APLOG_MARK, APLOG_NOTICE, 0, r,
                      "the database is not made yet: ubal-ingest makes it "
                      "when it begins");
        return ubal_reply_unavailable(r, "the database is being made");
    }
    ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "%s", err->message);
    return ubal_reply_unavailable(r, "the database cannot be read now");
}

int ubal_ask(int *status, request_rec *r, mod_ubal_db_ask_fn ask, void *baton,
             const ubal_coverage_t *coverage)
{
    ubal_error_t *err = mod_ubal_db_ask(r, ask, baton);

    if (err) {
        *status = refuse(r, err);
        return 0;
    }
    ubal_reply_coverage(r, coverage);
    if (!coverage->as_of) {
        *status = ubal_reply_unavailable(r, "nothing was fetched yet");
        return 0;
    }
    if (is_stale(r, coverage)) {
        *status =
            ubal_reply_unavailable(r, "the data is older than it may be here");
        return 0;
    }
    return 1;
}

int ubal_ask_is_shown(int *status, request_rec *r, int is_known)
{
    if (is_known || !ubal_location_of(r)->is_unknown_missing) {
        return 1;
    }
    *status =
        ubal_reply_problem(r, HTTP_NOT_FOUND, "this user has no transactions");
    return 0;
}

int ubal_ask_is_covered(int *status, request_rec *r, const char *name,
                        apr_int64_t us, const ubal_coverage_t *coverage)
{
    if (us >= coverage->since && us <= coverage->as_of) {
        return 1;
    }
    *status = ubal_reply_problem(
        r, HTTP_CONFLICT,
        apr_psprintf(r->pool,
                     "parameter '%s' lies outside of what is known, from %s "
                     "to %s",
                     name, ubal_time_print(coverage->since, r->pool),
                     ubal_time_print(coverage->as_of, r->pool)));
    return 0;
}
