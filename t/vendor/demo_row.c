/* One item as the demo vendor writes it, see demo_row.h. Knows how things are
 * spelled, not which are listed. */
#include "demo_row.h"

#include <apr_strings.h>
#include <string.h>

#include "demo_time.h"

#define SECOND INT64_C(1000000)

/* A vendor whose services do not agree on a name. */
static const char *spelling(const demo_item_t *item)
{
    static const char *const names[] = {"earned", "spent", "payout"};

    if (item->type != DEMO_PAID_OUT) {
        return names[item->type];
    }
    switch (item->chance / 8 % 8) {
    case 0:
        return "paidOut";
    case 1:
        return "paid out";
    default:
        return "paid_out";
    }
}

void demo_row_money(apr_bucket_brigade *body, int64_t cents)
{
    const char *sign = cents < 0 ? "-" : "";
    int64_t size = cents < 0 ? -cents : cents;
    int part = (int)(size % 100);

    apr_brigade_printf(body, NULL, NULL, "%s%" APR_INT64_T_FMT, sign,
                       size / 100);
    if (part % 10) {
        apr_brigade_printf(body, NULL, NULL, ".%02d", part);
    } else if (part) {
        apr_brigade_printf(body, NULL, NULL, ".%d", part / 10);
    }
}

static void print_amount(apr_bucket_brigade *body, int64_t cents,
                         const demo_faults_t *faults)
{
    const demo_fault_t *form = &faults->of[DEMO_FAULT_AMOUNTS];
    int64_t whole = cents / 100;
    int part = (int)(cents % 100);

    if (!form->on) {
        demo_row_money(body, cents);
    } else if (!strcmp(form->text, "exponent")) {
        apr_brigade_printf(body, NULL, NULL, "%" APR_INT64_T_FMT "e-2", cents);
    } else if (!strcmp(form->text, "minor")) {
        apr_brigade_printf(body, NULL, NULL, "%" APR_INT64_T_FMT, cents);
    } else if (!strcmp(form->text, "fixed")) {
        apr_brigade_printf(body, NULL, NULL, "%" APR_INT64_T_FMT ".%02d",
                           whole, part);
    } else {
        apr_brigade_printf(body, NULL, NULL, "\"%" APR_INT64_T_FMT ".%02d\"",
                           whole, part);
    }
}

/* The time without its Z, which is what a time zone's fault replaces. */
static void print_iso(apr_bucket_brigade *body, int64_t time, char between,
                      const char *zone)
{
    char text[DEMO_TIME_SIZE];

    demo_time_print(text, time);
    text[10] = between;
    text[strlen(text) - 1] = '\0';
    apr_brigade_printf(body, NULL, NULL, "\"%s%s\"", text, zone);
}

static void print_time(apr_bucket_brigade *body, int64_t time,
                       const demo_faults_t *faults)
{
    const demo_fault_t *form = &faults->of[DEMO_FAULT_TIMEFORMAT];

    if (!form->on) {
        print_iso(body, time, 'T', "Z");
    } else if (!strcmp(form->text, "space")) {
        print_iso(body, time, ' ', "");
    } else if (!strcmp(form->text, "offset")) {
        print_iso(body, time + 7200 * SECOND, 'T', "+02:00");
    } else if (!strcmp(form->text, "micros")) {
        print_iso(body, time, 'T', "000Z");
    } else if (!strcmp(form->text, "epoch")) {
        apr_brigade_printf(body, NULL, NULL, "%" APR_INT64_T_FMT,
                           time / SECOND);
    } else {
        apr_brigade_printf(body, NULL, NULL, "%" APR_INT64_T_FMT, time / 1000);
    }
}

static void vary(demo_item_t *item, const char *what)
{
    if (!strcmp(what, "user")) {
        item->user = item->user ? 0 : 2;
    } else if (!strcmp(what, "type")) {
        item->type = item->type == DEMO_SPENT ? DEMO_EARNED : DEMO_SPENT;
    } else if (!strcmp(what, "time")) {
        item->created += SECOND;
    } else {
        item->cents += 100;
    }
}

void demo_row_print(apr_bucket_brigade *body, const demo_stream_t *stream,
                    int64_t index, const demo_faults_t *faults,
                    const char *variant)
{
    demo_item_t item = demo_stream_item(stream, index);
    char id[DEMO_ID_SIZE], user[DEMO_USER_SIZE];

    if (variant) {
        vary(&item, variant);
    }
    if (faults->of[DEMO_FAULT_ROUND].on) {
        item.created -= item.created % SECOND;
    }
    apr_brigade_printf(
        body, NULL, NULL, "{\"id\":\"%s\",\"userId\":\"%s\",\"createdAt\":",
        demo_stream_id(id, stream, index), demo_stream_user(user, item.user));
    print_time(body, item.created, faults);
    apr_brigade_printf(body, NULL, NULL,
                       ",\"type\":\"%s\",\"amount\":", spelling(&item));
    print_amount(body, item.cents, faults);
    apr_brigade_puts(body, NULL, NULL, "}");
}
