/* What the vendor answers, and what the way there does to it: the faults of
 * replies. Knows nothing of the daemon. */
#include <apr_date.h>
#include <apr_strings.h>
#include <string.h>

#include "net.h"

static apr_int64_t in(apr_int64_t from, apr_int64_t to)
{
    return sim_random_in(SIM_OF_NET, from, to);
}

/* Whether that class strikes this reply. */
static int strikes(sim_fault_e fault, int permille)
{
    if (!sim_profile_has(fault) || !sim_random_hits(SIM_OF_NET, permille)) {
        return 0;
    }
    sim_fault_count(fault);
    return 1;
}

int sim_answer_refuses(void)
{
    return strikes(SIM_REFUSED, 8) || (sim.now < sim.outage_until && in(0, 2));
}

/* Without strftime: no locale, no zone. */
static void print_date(char text[40], apr_int64_t at)
{
    apr_rfc822_date(text, at);
}

static void set_date(sim_answer_t *answer, apr_int64_t at)
{
    apr_int64_t offset = sim.date_offset;
    char text[40];

    if (strikes(SIM_NO_DATE, 8)) {
        return;
    }
    if (strikes(SIM_DATE_ONCE, 4)) {
        offset += in(-2 * SIM_HOUR, 2 * SIM_HOUR);
    }
    print_date(text, at + offset);
    apr_snprintf(answer->date, sizeof(answer->date), "Date: %s", text);
    answer->date_offset = offset;
    sim.was_ahead |= offset > 0;
    if (sim.date_told < offset) {
        sim.date_told = offset;
    }
}

/* Whether the vendor fails whenever a window of a certain stretch of its list
 * is asked for, until all goes well: such windows come to be parked. */
static int is_poisoned(const ubal_query_t *query)
{
    apr_int64_t begin = sim.profile.begin + sim.profile.length * 4 / 10;
    apr_int64_t end = begin + sim.profile.length / 50;

    return sim_profile_has(SIM_RETRIED) && query->from >= begin &&
           query->from < end;
}

/* An error status, with what may come beside it; 0: none. */
static int choose_status(sim_answer_t *answer, apr_int64_t at)
{
    char text[40];

    if (sim.now < sim.outage_until) {
        return 503;
    }
    if (strikes(SIM_RATE_BARE, 6)) {
        return 429;
    }
    if (strikes(SIM_RATE_SECONDS, 6)) {
        apr_snprintf(answer->retry_after, sizeof(answer->retry_after),
                     "Retry-After: %d", (int)in(0, 200));
        return 429;
    }
    if (strikes(SIM_RATE_DATE, 6)) {
        print_date(text, at + sim.date_offset + in(-10, 200) * SIM_SECOND);
        apr_snprintf(answer->retry_after, sizeof(answer->retry_after),
                     "Retry-After: %s", text);
        return 429;
    }
    if (strikes(SIM_AUTH, 2)) {
        return in(0, 1) ? 401 : 403;
    }
    if (strikes(SIM_GONE, 3)) {
        return in(0, 1) ? 404 : 410;
    }
    if (strikes(SIM_SERVER, 12)) {
        return (int[]){500, 502, 503, 504}[in(0, 3)];
    }
    return 0;
}

/* What is no page at all. */
static int choose_rubbish(sim_answer_t *answer, apr_pool_t *pool)
{
    if (strikes(SIM_HTML, 6)) {
        answer->body = "<!doctype html><title>We'll be back</title>";
    } else if (strikes(SIM_GARBAGE, 6)) {
        char *bytes = apr_palloc(pool, 65);
        int i;

        for (i = 0; i < 64; i++) {
            bytes[i] = (char)in(1, 255);
        }
        bytes[64] = '\0';
        answer->body = bytes;
    } else {
        return 0;
    }
    answer->length = strlen(answer->body);
    return 1;
}

/* --- the page ---------------------------------------------------------- */

/* A Date ahead of the truth has the daemon ask for times whose items are still
 * to be listed: what a reply to that lacks, only reconciliation finds. */
static void excuse(const ubal_query_t *query, apr_int64_t at)
{
    int i;

    if (sim.date_offset <= 0 && sim.date_told <= 0) {
        return;
    }
    for (i = sim_vendor_find(query->from);
         i < sim_item_count && sim_items[i].created < query->to; i++) {
        if (sim_items[i].visible > at) {
            sim_items[i].is_excused = 1;
        }
    }
}

static void cut_page(sim_page_t *page, int *list, int count,
                     const ubal_query_t *query)
{
    int cap = sim.profile.cap, begin;

    page->limit = cap && cap < query->limit ? cap : query->limit;
    begin = (query->page - 1) * page->limit;
    if (strikes(SIM_SHIFT, 12) && query->page > 1) {
        begin += (int)in(-3, 3);
    }
    if (strikes(SIM_REPEATED_PAGE, 8) && query->page > 1) {
        begin -= page->limit;
    }
    begin = begin < 0 ? 0 : begin > count ? count : begin;
    page->items = list + begin;
    page->count = count - begin;
    if (page->count > page->limit) {
        page->count = page->limit;
    }
    if (page->count > 1 && strikes(SIM_CAPPED, 10)) {
        page->count -= (int)in(1, page->count - 1);
    }
    if (page->count && strikes(SIM_EMPTY_PAGE, 8)) {
        page->count = 0;
    }
}

static void set_total(sim_page_t *page, int count)
{
    page->total = sim.profile.has_totals ? count : -1;
    page->has_meta = sim.profile.has_totals || sim.profile.seed % 4 == 0;
    if (page->total < 0) {
        return;
    }
    if (page->page > 1 && strikes(SIM_TOTAL_MOVES, 12)) {
        page->total += in(0, 1) ? in(1, 5) : -in(1, 5);
        page->total = page->total < 0 ? 0 : page->total;
    }
    if (strikes(SIM_TOTAL_WRONG, 15)) {
        page->total += in(1, 9);
    }
    if (strikes(SIM_NO_META, 8)) {
        page->total = -1;
        page->has_meta = 0;
    }
}

static void count_manners(void)
{
    if (sim.profile.is_inclusive) {
        sim_fault_count(SIM_INCLUSIVE);
    }
    if (sim.profile.is_exclusive) {
        sim_fault_count(SIM_EXCLUSIVE);
    }
    if (sim.profile.rounding) {
        sim_fault_count(SIM_ROUNDED);
    }
    if (!sim.profile.has_totals) {
        sim_fault_count(SIM_NO_TOTALS);
    }
}

static void shuffle(int *list, int count)
{
    int i;

    if (sim.profile.order != SIM_ORDER_ANY && !strikes(SIM_REORDER, 30)) {
        return;
    }
    for (i = count - 1; i > 0; i--) {
        int other = (int)in(0, i), kept = list[i];

        list[i] = list[other];
        list[other] = kept;
    }
}

static void set_page(sim_answer_t *answer, const ubal_query_t *query,
                     apr_int64_t at, apr_pool_t *pool)
{
    sim_page_t page = {.page = query->page, .at = at};
    int *list;
    int count = sim_vendor_list(&list, query->from, query->to, at, pool);

    shuffle(list, count);
    excuse(query, at);
    cut_page(&page, list, count, query);
    set_total(&page, count);
    count_manners();
    answer->body = sim_reply_print(&answer->length, &page, pool);
    answer->items = page.items;
    answer->count = page.count;
    answer->is_whole = 1;
}

/* --- its way ------------------------------------------------------------- */

static apr_int64_t choose_delay(void)
{
    apr_int64_t usual = sim.profile.latency;

    if (strikes(SIM_SLOW, 20)) {
        return in(usual, sim.profile.timeout);
    }
    if (sim_profile_has(SIM_TIMEOUT) && in(0, 999) < 12) {
        return 2 * sim.profile.timeout; /* counted when it is given up */
    }
    return in(usual / 4, usual * 3 / 2);
}

static void break_off(sim_answer_t *answer)
{
    if (strikes(SIM_RESET, 6)) {
        answer->fault = "the connection was reset";
        answer->is_whole = 0;
    } else if (strikes(SIM_CUT, 10) && answer->length) {
        answer->length = (apr_size_t)in(0, (apr_int64_t)answer->length - 1);
        answer->fault = in(0, 1) ? "the body was cut" : NULL;
        answer->is_whole = 0;
    }
}

void sim_answer_make(sim_answer_t *answer, const ubal_query_t *query,
                     apr_pool_t *pool)
{
    apr_int64_t read_at;

    memset(answer, 0, sizeof(*answer));
    answer->delay = choose_delay();
    read_at = sim.now + in(0, answer->delay);
    answer->status = choose_status(answer, read_at);
    if (is_poisoned(query)) {
        answer->status = 500;
    }
    set_date(answer, read_at);
    if (answer->status) {
        return;
    }
    answer->status = 200;
    if (!choose_rubbish(answer, pool)) {
        set_page(answer, query, read_at, pool);
        break_off(answer);
    }
}
