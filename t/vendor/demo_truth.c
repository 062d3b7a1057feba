/* GET …/truth, see demo_truth.h. Sums over the stream itself, not over what
 * was listed: a check on the list too. */
#include "demo_truth.h"

#include <string.h>

#include "demo_row.h"

static void print_sums(apr_bucket_brigade *body, const char *user,
                       const demo_sums_t *sums)
{
    static const char *const names[DEMO_TYPES] = {"earned", "spent", "payout",
                                                  "paid_out"};
    int type;

    apr_brigade_printf(body, NULL, NULL, "{\"userId\":\"%s\"", user);
    for (type = 0; type < DEMO_TYPES; type++) {
        apr_brigade_printf(body, NULL, NULL, ",\"%s\":", names[type]);
        demo_row_money(body, sums->of[type]);
    }
    apr_brigade_puts(body, NULL, NULL, ",\"balance\":");
    demo_row_money(body, sums->of[DEMO_EARNED] - sums->of[DEMO_SPENT] -
                             sums->of[DEMO_PAID_OUT]);
    apr_brigade_puts(body, NULL, NULL, "}");
}

static void print_user(apr_bucket_brigade *body, const demo_stream_t *stream,
                       const demo_sums_t *sums, const char *user)
{
    static const demo_sums_t none;
    char id[DEMO_USER_SIZE];
    int64_t index;

    for (index = 0; index < stream->users; index++) {
        if (!strcmp(demo_stream_user(id, index), user)) {
            print_sums(body, id, &sums[index]);
            return;
        }
    }
    /* The name itself is not repeated: it would have to be escaped. */
    print_sums(body, "", &none);
}

static void print_all(apr_bucket_brigade *body, const demo_stream_t *stream,
                      const demo_sums_t *sums, int64_t items)
{
    const char *comma = "";
    char id[DEMO_USER_SIZE];
    int64_t index;

    apr_brigade_printf(body, NULL, NULL,
                       "{\"totalItems\":%" APR_INT64_T_FMT ",\"users\":[",
                       items);
    for (index = 0; index < stream->users; index++) {
        if (sums[index].items) {
            apr_brigade_puts(body, NULL, NULL, comma);
            print_sums(body, demo_stream_user(id, index), &sums[index]);
            comma = ",";
        }
    }
    apr_brigade_puts(body, NULL, NULL, "]}");
}

void demo_truth_print(apr_bucket_brigade *body, const demo_stream_t *stream,
                      const char *user, int64_t from, int64_t to, int64_t now,
                      apr_pool_t *pool)
{
    demo_sums_t *sums =
        apr_pcalloc(pool, (size_t)stream->users * sizeof(*sums));
    int64_t begin = demo_stream_before(stream, from);
    int64_t end = demo_stream_before(stream, to <= now ? to : now + 1);

    demo_stream_sum(sums, stream, begin, end);
    if (user) {
        print_user(body, stream, sums, user);
    } else {
        print_all(body, stream, sums, end > begin ? end - begin : 0);
    }
}
