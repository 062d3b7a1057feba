/* Many users at once, from a list of ids to JSON. */
#include "mod_ubal_bulk.h"

#include <apr_hash.h>
#include <apr_strings.h>

#include "core/id.h"
#include "mod_ubal_ask.h"
#include "mod_ubal_config.h"
#include "mod_ubal_figures.h"
#include "mod_ubal_reply.h"
#include "store/bulk.h"

#define USERS_MAX 200

/* Room in the reply for a user: most need no more. */
#define USER_ROOM 160

const ubal_query_parameter_t mod_ubal_bulk_parameters[] = {
    {.name = "ids", .kind = UBAL_QUERY_RAW}, {.name = NULL}};

typedef struct bulk_t {
    ubal_bulk_user_t users[USERS_MAX];
    int count;
    int scale;
    ubal_coverage_t coverage;
} bulk_t;

/* Adds the user of text[0..length), not decoded yet. Returns NULL, or why
 * not. */
static const char *add(bulk_t *bulk, apr_hash_t *seen, const char *text,
                       apr_size_t length, apr_pool_t *pool)
{
    const char *id = ubal_query_decode(text, length, pool);
    const char *fault = id ? ubal_id_fault(id, strlen(id))
                           : "has a '%' that begins no byte, or byte 0";

    if (fault) {
        return apr_psprintf(pool, "parameter 'ids': id %d %s", bulk->count + 1,
                            fault);
    }
    if (apr_hash_get(seen, id, APR_HASH_KEY_STRING)) {
        return apr_psprintf(pool, "parameter 'ids': id %d is given twice",
                            bulk->count + 1);
    }
    if (bulk->count == USERS_MAX) {
        return apr_psprintf(pool, "parameter 'ids' has more than %d ids",
                            USERS_MAX);
    }
    apr_hash_set(seen, id, APR_HASH_KEY_STRING, id);
    bulk->users[bulk->count++].id = id;
    return NULL;
}

/* Splits before it decodes: an id may have a comma, as %2C. */
static const char *read_ids(bulk_t *bulk, const char *ids, apr_pool_t *pool)
{
    apr_hash_t *seen = apr_hash_make(pool);
    const char *fault;
    apr_size_t length;

    for (;; ids += length + 1) {
        length = strcspn(ids, ",");
        fault = add(bulk, seen, ids, length, pool);
        if (fault || !ids[length]) {
            return fault;
        }
    }
}

static ubal_error_t *ask(void *baton, ubal_db_t *db, apr_pool_t *pool)
{
    bulk_t *bulk = baton;

    return ubal_bulk_read(&bulk->coverage, bulk->users, bulk->count, db,
                          bulk->scale, pool);
}

static int reply(request_rec *r, const bulk_t *bulk)
{
    const ubal_location_t *location = ubal_location_of(r);
    const ubal_bulk_user_t *user = bulk->users;
    const char *begin = "{\"userId\":";
    ubal_json_t json;

    ubal_json_begin(&json, location, bulk->scale,
                    (apr_size_t)bulk->count * USER_ROOM, r->pool);
    ubal_json_put(&json, "{\"items\":[");
    for (; user < bulk->users + bulk->count; user++) {
        if (!user->is_known && location->is_unknown_missing) {
            continue;
        }
        ubal_json_put(&json, begin);
        ubal_json_string(&json, user->id);
        ubal_json_put(&json, ",");
        if (!ubal_figures_put(&json, &user->sums, location->balance)) {
            return ubal_reply_overflow(r, user->id);
        }
        begin = "},{\"userId\":";
    }
    ubal_json_put(&json, *begin == '}' ? "}]}" : "]}");
    return ubal_reply_json(r, json.text);
}

int mod_ubal_bulk_answer(request_rec *r, const ubal_request_t *request)
{
    bulk_t *bulk = apr_pcalloc(r->pool, sizeof(*bulk));
    const char *ids = request->query[0].text;
    const char *fault = ids ? read_ids(bulk, ids, r->pool)
                            : "a user's id is to follow, or parameter 'ids'";
    int status;

    if (fault) {
        return ubal_reply_problem(r, HTTP_BAD_REQUEST, fault);
    }
    bulk->scale = ubal_config_scale(r);
    return ubal_ask(&status, r, ask, bulk, &bulk->coverage) ? reply(r, bulk)
                                                            : status;
}
