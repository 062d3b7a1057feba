/* What tests ask of the demo vendor's memory, see demo_control.h. */
#include "demo_control.h"

#include <apr_strings.h>

#include "demo_query.h"
#include "demo_reply.h"

/* Every fault that was to be set, until all are known to be right. */
typedef struct {
    demo_faults_t *faults; /* a copy of the account's */
    demo_fault_t like;
    const char *wrong; /* what could not be set */
} setting_t;

int demo_control_arrivals(request_rec *r, demo_account_t *account,
                          int64_t period)
{
    apr_bucket_brigade *body = demo_reply_body(r);
    const char *comma = "";
    int64_t number, most;

    demo_ledger_lock();
    most = demo_ledger_most(account, period);
    apr_brigade_printf(body, NULL, NULL,
                       "{\"max_in_period\":%" APR_INT64_T_FMT
                       ",\"total\":%" APR_INT64_T_FMT ",\"arrivals\":[",
                       most, account->count);
    number = account->count > DEMO_LEDGER_ARRIVALS
                 ? account->count - DEMO_LEDGER_ARRIVALS
                 : 0;
    for (; number < account->count; number++) {
        demo_arrival_t *entry =
            &account->arrivals[number % DEMO_LEDGER_ARRIVALS];

        apr_brigade_printf(body, NULL, NULL,
                           "%s{\"arrived\":%" APR_INT64_T_FMT
                           ",\"ended\":%" APR_INT64_T_FMT
                           ",\"status\":%" APR_INT64_T_FMT "}",
                           comma, entry->arrived, entry->ended, entry->status);
        comma = ",";
    }
    demo_ledger_unlock();
    apr_brigade_puts(body, NULL, NULL, "]}");
    return demo_reply_json(r, body);
}

static void clear(setting_t *setting, const char *name)
{
    int fault;

    if (!*name) {
        memset(setting->faults, 0, sizeof(*setting->faults));
        return;
    }
    fault = demo_fault_find(name);
    if (fault < 0) {
        setting->wrong = "clear";
        return;
    }
    setting->faults->of[fault].on = 0;
}

static int set_one(void *data, const char *name, const char *text)
{
    static const char *const others[] = {"next", "skip", "page", "at",
                                         "clear"};
    setting_t *setting = data;
    int fault = demo_fault_find(name);
    size_t other;

    for (other = 0; other < sizeof(others) / sizeof(*others); other++) {
        if (!strcmp(name, others[other])) {
            return 1;
        }
    }
    if (fault < 0 ||
        !demo_fault_set(setting->faults, fault, text, &setting->like)) {
        setting->wrong = "no such fault, or its value is too long";
        return 0;
    }
    return 1;
}

static const char *read_like(demo_fault_t *like, apr_table_t *args,
                             int64_t now)
{
    memset(like, 0, sizeof(*like));
    if (!demo_query_number(&like->next, args, "next", 1, -1)) {
        return "next";
    }
    if (!demo_query_number(&like->skip, args, "skip", 0, 0)) {
        return "skip";
    }
    if (!demo_query_number(&like->page, args, "page", 1, 0)) {
        return "page";
    }
    return demo_query_time(&like->at, args, "at", now / 1000 * 1000) ? NULL
                                                                     : "at";
}

static void print_faults(apr_bucket_brigade *body, const demo_faults_t *faults,
                         apr_pool_t *pool)
{
    const char *comma = "";
    int fault;

    apr_brigade_puts(body, NULL, NULL, "{");
    for (fault = 0; fault < DEMO_FAULTS; fault++) {
        const demo_fault_t *set = &faults->of[fault];

        if (!set->on) {
            continue;
        }
        apr_brigade_printf(
            body, NULL, NULL,
            "%s\"%s\":{\"value\":\"%s\",\"next\":%" APR_INT64_T_FMT
            ",\"skip\":%" APR_INT64_T_FMT ",\"page\":%" APR_INT64_T_FMT
            ",\"at\":%" APR_INT64_T_FMT "}",
            comma, demo_fault_name(fault),
            ap_escape_urlencoded(pool, set->text), set->next, set->skip,
            set->page, set->at);
        comma = ",";
    }
    apr_brigade_puts(body, NULL, NULL, "}");
}

int demo_control_fault(request_rec *r, demo_account_t *account,
                       apr_table_t *args)
{
    setting_t setting = {0};
    apr_bucket_brigade *body = demo_reply_body(r);
    const char *name = apr_table_get(args, "clear");

    setting.faults = apr_palloc(r->pool, sizeof(*setting.faults));
    setting.wrong = read_like(&setting.like, args, r->request_time);
    demo_ledger_lock();
    *setting.faults = account->faults;
    if (name) {
        clear(&setting, name);
    }
    if (!setting.wrong) {
        apr_table_do(set_one, &setting, args, NULL);
    }
    if (!setting.wrong) {
        account->faults = *setting.faults;
    }
    demo_ledger_unlock();
    if (setting.wrong) {
        return demo_reply_problem(r, 400, setting.wrong);
    }
    print_faults(body, setting.faults, r->pool);
    return demo_reply_json(r, body);
}
