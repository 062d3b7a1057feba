/* Items that go to the owner as bytes arrive as they were; bytes that are cut
 * anywhere are refused. */
#include <stdlib.h>

#include <apr_general.h>

#include "import_batch.h"
#include "tap.h"
#include "verb.h"

static apr_pool_t *pool;

static const ubal_item_t sound = {.id = "12",
                                  .user_id = "u",
                                  .created_at = APR_INT64_C(1735689600000000),
                                  .type = UBAL_TYPE_PAID_OUT,
                                  .amount = -1000000000000000,
                                  .key = "i12",
                                  .raw = "12,u,..."};
static const ubal_item_t dead = {
    .fault = "type: 'x' is unknown", .id = "13", .key = "i13", .raw = "13,u"};
static const ubal_item_t nameless = {
    .fault = "id: is empty", .key = "rabc.at7", .raw = ""};

static ubal_error_t *read_batch(ubal_import_t *import,
                                apr_array_header_t **items, const char *bytes,
                                apr_size_t length)
{
    *items = apr_array_make(pool, 4, sizeof(ubal_item_t));
    return ubal_batch_read(import, *items, bytes, length, pool);
}

static void is_item(const apr_array_header_t *items, int i,
                    const ubal_item_t *expected)
{
    const ubal_item_t *got = &((const ubal_item_t *)items->elts)[i];

    tap_is_str(got->id, expected->id, "item %d: id", i);
    tap_is_str(got->user_id, expected->user_id, "item %d: user", i);
    tap_is_str(got->fault, expected->fault, "item %d: fault", i);
    tap_is_str(got->key, expected->key, "item %d: key", i);
    tap_is_str(got->raw, expected->raw, "item %d: raw", i);
    tap_ok(got->created_at == expected->created_at &&
               got->amount == expected->amount && got->type == expected->type,
           "item %d: its numbers", i);
}

/* A copy of its own, so that a sanitizer sees what is read beyond it. */
static int is_refused(const char *bytes, apr_size_t length)
{
    char *copy = malloc(length + !length);
    apr_array_header_t *items;
    ubal_import_t import;
    int refused;

    memcpy(copy, bytes, length);
    refused = read_batch(&import, &items, copy, length) != NULL;
    free(copy);
    return refused;
}

int main(void)
{
    static const char digest[] = "0123456789abcdef0123456789abcdef01234567";
    apr_array_header_t *items;
    ubal_import_t import;
    ubal_batch_t batch;
    apr_size_t i, ends[4];
    int wrong = 0, count = 0;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    ubal_batch_make(&batch, pool);
    ends[0] = batch.length;
    ubal_batch_add(&batch, &sound);
    ends[1] = batch.length;
    ubal_batch_add(&batch, &dead);
    ends[2] = batch.length;
    ubal_batch_add(&batch, &nameless);
    ends[3] = batch.length;
    ubal_batch_set_place(&batch, APR_INT64_C(1) << 40, 77, digest);
    tap_is_int(batch.count, 3, "three items");
    tap_ok(!read_batch(&import, &items, batch.bytes, batch.length) &&
               items->nelts == 3,
           "are read");
    tap_ok(import.position == APR_INT64_C(1) << 40 && import.line == 77,
           "with the place");
    tap_is_str(import.digest, digest, "and its digest");
    is_item(items, 0, &sound);
    is_item(items, 1, &dead);
    is_item(items, 2, &nameless);
    for (i = 0; i < batch.length; i++) {
        int is_end = i == ends[0] || i == ends[1] || i == ends[2];

        wrong += is_refused(batch.bytes, i) == is_end;
    }
    tap_is_int(wrong, 0, "cut anywhere but between items it is refused");
    while (ubal_batch_add(&batch, &sound)) {
        count++;
    }
    tap_ok(count > 1000 && batch.length <= (apr_size_t)UBAL_VERB_FRAME_MAX,
           "a batch takes what a frame may have");
    ubal_batch_begin(&batch, UBAL_BATCH_PROBE);
    tap_ok(*batch.bytes == 'P' && !batch.count, "and can be begun anew");
    apr_terminate();
    return tap_done();
}
