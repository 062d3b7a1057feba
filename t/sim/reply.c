/* A page as the JSON text of the default dialect, dead items and all. Knows no
 * HTTP. */
#include <apr_strings.h>
#include <string.h>

#include "core/time.h"
#include "sim.h"

typedef struct text_t {
    char *at, *begin;
    apr_size_t room;
} text_t;

#define ITEM_ROOM 400

__attribute__((format(printf, 2, 3))) static void put(text_t *text,
                                                      const char *format, ...)
{
    va_list args;

    va_start(args, format);
    text->at += apr_vsnprintf(
        text->at, text->room - (apr_size_t)(text->at - text->begin), format,
        args);
    va_end(args);
}

/* The types, each by one of its spellings. */
static const char *type_name(int index, const sim_item_t *item)
{
    static const char *const names[][2] = {{"earned", "earned"},
                                           {"spent", "spent"},
                                           {"payout", "payout"},
                                           {"paid_out", "paidOut"}};

    return names[item->type][index % 7 == 0];
}

/* An amount in minor units as one of the texts that say it. */
static void put_amount(text_t *text, int index, apr_int64_t amount)
{
    const char *sign = amount < 0 ? "-" : "";
    apr_int64_t size = amount < 0 ? -amount : amount;
    int quote = index % 11 == 0;

    put(text, quote ? "\"%s%" APR_INT64_T_FMT : "%s%" APR_INT64_T_FMT, sign,
        size / 100);
    if (size % 100 || index % 3 == 0) {
        put(text, ".%02d", (int)(size % 100));
    }
    put(text, quote ? "\"" : "");
}

/* What makes an item a dead letter. */
static void put_fault(text_t *text, int fault)
{
    static const char *const faults[] = {
        "\"amount\":1.005",          "\"amount\":\"12,34\"",
        "\"amount\":null",           "\"amount\":true",
        "\"amount\":1e308",          "\"amount\":99999999999999999999",
        "\"amount\":1,\"amount\":1", "\"note\":\"no amount\""};

    put(text, "%s", faults[fault - 1]);
}

static void put_item(text_t *text, int index, apr_int64_t at, apr_pool_t *pool)
{
    const sim_item_t *item = &sim_items[index];
    char id[40], user[24];

    put(text, "{\"id\":\"%s\",\"userId\":\"%s\",\"createdAt\":\"",
        sim_vendor_id(id, index), sim_vendor_user(user, item->user));
    put(text, "%s\",\"type\":\"%s\",",
        item->created % 1000 ? ubal_time_print(item->created, pool)
                             : ubal_time_print_ms(item->created, pool),
        type_name(index, item));
    if (item->fault) {
        put_fault(text, item->fault);
        sim_fault_count(SIM_DEAD);
    } else {
        put(text, "\"amount\":");
        put_amount(text, index, item->amounts[item->changed <= at]);
    }
    if (item->changed <= at && item->is_stored && item->version == 0) {
        sim_fault_count(SIM_CONFLICT);
    }
    put(text, "}");
}

static void put_meta(text_t *text, const sim_page_t *page)
{
    put(text,
        ",\"meta\":{\"itemCount\":%d,\"itemsPerPage\":%d,"
        "\"currentPage\":%d",
        page->count, page->limit, page->page);
    if (page->total >= 0) {
        put(text,
            ",\"totalItems\":%" APR_INT64_T_FMT
            ",\"totalPages\":%" APR_INT64_T_FMT,
            page->total, (page->total + page->limit - 1) / page->limit);
    }
    put(text, "}");
}

const char *sim_reply_print(apr_size_t *length, const sim_page_t *page,
                            apr_pool_t *pool)
{
    text_t text;
    int i;

    text.room = (apr_size_t)(page->count + 2) * ITEM_ROOM;
    text.at = text.begin = apr_palloc(pool, text.room);
    put(&text, "{\"items\":[");
    for (i = 0; i < page->count; i++) {
        put(&text, i ? "," : "");
        put_item(&text, page->items[i], page->at, pool);
    }
    put(&text, "]");
    if (page->has_meta) {
        put_meta(&text, page);
    }
    put(&text, "}");
    *length = (apr_size_t)(text.at - text.begin);
    return text.begin;
}
