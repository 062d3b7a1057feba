/* GET …/transactions, see demo_list.h. Knows which items are listed, in what
 * order, and what is said of their number; not how one is spelled. */
#include "demo_list.h"

#include <apr_strings.h>
#include <string.h>

#include "demo_dead.h"
#include "demo_row.h"

#define SECOND INT64_C(1000000)

/* The rows of a range: first `dead` malformed ones, then `count` items
 * shuffled, then `conflicts` (0 or 1). */
typedef struct {
    const demo_stream_t *stream;
    const demo_faults_t *faults;
    int64_t dead, count, conflicts;
    int64_t first;  /* the range's items are numbered from here */
    int64_t *shown; /* which are shown; NULL: all */
    int64_t twice;  /* the number of the item that conflicts */
    int has_rows;   /* one was printed already */
} rows_t;

static const demo_fault_t *fault(const rows_t *rows, demo_fault_name_t name)
{
    const demo_fault_t *set = &rows->faults->of[name];

    return set->on ? set : NULL;
}

/* A seventh of all items, another for each fault. */
static int is_chosen(const demo_item_t *item, unsigned which)
{
    return item->chance / 64 % 7 == which;
}

/* Leaves out of `rows` what `late` and `vanish` hide. */
static void hide(rows_t *rows, int64_t now, apr_pool_t *pool)
{
    const demo_fault_t *late = fault(rows, DEMO_FAULT_LATE);
    int gone = fault(rows, DEMO_FAULT_VANISH) != NULL;
    int64_t end = rows->first + rows->count, index;

    if (!late && !gone) {
        return;
    }
    rows->shown =
        apr_palloc(pool, (size_t)(rows->count + 1) * sizeof(int64_t));
    rows->count = 0;
    for (index = rows->first; index < end; index++) {
        demo_item_t item = demo_stream_item(rows->stream, index);

        if ((gone && is_chosen(&item, 0)) ||
            (late && is_chosen(&item, 1) &&
             item.created > now - late->value * SECOND)) {
            continue;
        }
        rows->shown[rows->count++] = index;
    }
}

/* The rows that a fault adds where its `at` lies in [from, to). */
static void add(rows_t *rows, int64_t from, int64_t to, int64_t end)
{
    const demo_fault_t *dead = fault(rows, DEMO_FAULT_DEAD);
    const demo_fault_t *conflict = fault(rows, DEMO_FAULT_CONFLICT);

    if (dead && from <= dead->at && dead->at < to) {
        rows->dead = demo_dead_count(dead->text);
    }
    if (conflict) {
        rows->twice = demo_stream_before(rows->stream, conflict->at);
        rows->conflicts = rows->first <= rows->twice && rows->twice < end;
    }
}

static void choose(rows_t *rows, const demo_query_t *query, int64_t now,
                   apr_pool_t *pool)
{
    int64_t from = query->from, to = query->to, end;

    if (fault(rows, DEMO_FAULT_ENDINCLUSIVE)) {
        to++;
    }
    if (fault(rows, DEMO_FAULT_STARTEXCLUSIVE)) {
        from++;
    }
    if (to > now) {
        to = now + 1;
    }
    rows->first = demo_stream_before(rows->stream, from);
    end = demo_stream_before(rows->stream, to);
    rows->count = end > rows->first ? end - rows->first : 0;
    add(rows, from, to, end);
    hide(rows, now, pool);
}

static int64_t total(const rows_t *rows)
{
    return rows->dead + rows->count + rows->conflicts;
}

static void print_item(apr_bucket_brigade *body, const rows_t *rows,
                       int64_t row)
{
    const demo_fault_t *changed = fault(rows, DEMO_FAULT_CHANGED);
    int64_t place = demo_stream_shuffle(row, rows->count, rows->stream->seed);
    int64_t index = rows->shown ? rows->shown[place] : rows->first + place;

    if (changed) {
        demo_item_t item = demo_stream_item(rows->stream, index);

        if (item.created >= changed->at || !is_chosen(&item, 2)) {
            changed = NULL;
        }
    }
    demo_row_print(body, rows->stream, index, rows->faults,
                   changed ? changed->text : NULL);
}

/* Prints the rows [begin, end) of those there are; returns how many. */
static int64_t print_rows(apr_bucket_brigade *body, rows_t *rows,
                          int64_t begin, int64_t end)
{
    int64_t row;

    end = end < total(rows) ? end : total(rows);
    for (row = begin; row < end; row++) {
        apr_brigade_puts(body, NULL, NULL, rows->has_rows ? "," : "");
        rows->has_rows = 1;
        if (row < rows->dead) {
            const demo_fault_t *dead = fault(rows, DEMO_FAULT_DEAD);

            demo_dead_print(body, dead->text, row, dead->at);
        } else if (row < rows->dead + rows->count) {
            print_item(body, rows, row - rows->dead);
        } else {
            demo_row_print(body, rows->stream, rows->twice, rows->faults,
                           fault(rows, DEMO_FAULT_CONFLICT)->text);
        }
    }
    return end > begin ? end - begin : 0;
}

static void print_meta(apr_bucket_brigade *body, const rows_t *rows,
                       int64_t items, int64_t page, int64_t limit,
                       int64_t unseen)
{
    const demo_fault_t *bad = fault(rows, DEMO_FAULT_BADMETA);
    const demo_fault_t *told = fault(rows, DEMO_FAULT_PAGES);
    int64_t pages = (total(rows) + limit - 1) / limit;

    apr_brigade_printf(body, NULL, NULL,
                       ",\"meta\":{\"totalItems\":%" APR_INT64_T_FMT
                       ",\"itemCount\":%" APR_INT64_T_FMT
                       ",\"itemsPerPage\":%" APR_INT64_T_FMT
                       ",\"totalPages\":%" APR_INT64_T_FMT
                       ",\"currentPage\":%" APR_INT64_T_FMT "}",
                       rows->dead + rows->count - unseen +
                           (bad ? bad->value : 0),
                       items, limit, told ? told->value : pages, page);
}

/* How many rows the fault `shift` moves this page by. */
static int64_t shift(const rows_t *rows, const demo_query_t *query,
                     int64_t limit)
{
    const demo_fault_t *set = fault(rows, DEMO_FAULT_SHIFT);

    /* A range of one page, and one asked for its total only, stand still. */
    if (!set || limit == 1 || total(rows) <= limit) {
        return 0;
    }
    if (set->value >= 0) {
        /* The first page is without the rows that are about to appear. */
        return query->page == 1 ? set->value : 0;
    }
    return query->page == 1 ? 0 : -set->value;
}

void demo_list_print(apr_bucket_brigade *body, const demo_stream_t *stream,
                     const demo_query_t *query, int64_t now,
                     const demo_faults_t *faults, apr_pool_t *pool)
{
    rows_t rows = {.stream = stream, .faults = faults};
    const demo_fault_t *cap = fault(&rows, DEMO_FAULT_CAP);
    const demo_fault_t *twice = fault(&rows, DEMO_FAULT_DUPLICATE);
    int64_t limit = query->limit, page = query->page, moved, begin, items;

    if (cap && cap->value > 0 && cap->value < limit) {
        limit = cap->value;
    }
    choose(&rows, query, now, pool);
    if (fault(&rows, DEMO_FAULT_ENDLESS) &&
        (page - 1) * limit >= total(&rows) && total(&rows) > 0) {
        page = (total(&rows) - 1) / limit + 1;
    }
    moved = shift(&rows, query, limit);
    begin = (page - 1) * limit + moved;
    apr_brigade_puts(body, NULL, NULL, "{\"items\":[");
    items = print_rows(body, &rows, begin, begin + limit);
    if (twice) {
        items += print_rows(body, &rows, 0, twice->value);
    }
    apr_brigade_puts(body, NULL, NULL, "]");
    if (!fault(&rows, DEMO_FAULT_NOMETA)) {
        print_meta(body, &rows, items, query->page, limit,
                   query->page == 1 ? moved : 0);
    }
    apr_brigade_puts(body, NULL, NULL, "}");
}
