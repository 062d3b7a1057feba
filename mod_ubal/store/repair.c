/* Sums made again; see repair.h. */
#include "store/repair.h"

#include <apr_hash.h>
#include <apr_strings.h>

#include "core/time.h"
#include "store/page.h"

#define MILLIARD 1000000000

/* A pool's memory is aligned to eight bytes. */
typedef __int128 wide_t __attribute__((aligned(8)));

/* A day of the user: what is stored, and what its transactions say. */
typedef struct day_t {
    apr_int64_t number;
    int has_stored, has_summed;
    ubal_sums_t stored;
    wide_t summed[UBAL_TYPE_COUNT];
} day_t;

typedef struct piece_t {
    ubal_repair_t *repair;
    ubal_db_t *db;
    apr_array_header_t *changes;
    apr_int64_t first, last; /* days, the last included */
    int is_last;             /* no later day is left */
    apr_int64_t at;
    apr_pool_t *pool;
} piece_t;

/* Instants of days; those before 1970 and beyond all time are on the edge. */
static apr_int64_t begin_of(apr_int64_t day)
{
    return day > 0 ? day * UBAL_TIME_DAY : 0;
}

static apr_int64_t end_of(apr_int64_t day)
{
    return day < APR_INT64_MAX / UBAL_TIME_DAY ? begin_of(day + 1) - 1
                                               : APR_INT64_MAX;
}

/* Goes to the next user where the last one is done; 0 in `*has_user` where
 * none is left. */
static ubal_error_t *find_user(int *has_user, piece_t *piece)
{
    ubal_repair_t *repair = piece->repair;
    const char *after = repair->user ? repair->user : "";
    ubal_rows_t *rows;
    ubal_error_t *err;
    int has_row;

    *has_user = 1;
    if (repair->is_within) {
        return NULL;
    }
    err = ubal_db_first(&rows, &has_row, piece->db, piece->pool,
                        UBAL_SQL_REPAIR_NEXT_USER, after, after, after);
    if (err) {
        return err;
    }
    repair->user = has_row ? ubal_rows_text(rows, 0) : NULL;
    *has_user = repair->user != NULL;
    repair->next_day = APR_INT64_MIN;
    repair->has_overflow = 0;
    return NULL;
}

/* Sets the piece's days: as many as have UBAL_REPAIR_PIECE transactions. */
static ubal_error_t *find_days(piece_t *piece)
{
    apr_int64_t from, count = UBAL_REPAIR_PIECE;
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err;

    piece->first = piece->repair->next_day;
    piece->last = APR_INT64_MAX;
    from = begin_of(piece->first);
    err = ubal_db_first(&rows, &has_row, piece->db, piece->pool,
                        UBAL_SQL_REPAIR_REACH, piece->repair->user, &from,
                        &count);
    if (!err && has_row) {
        apr_int64_t day = ubal_rows_int(rows, 0, 0) / UBAL_TIME_DAY;

        piece->last = day > from / UBAL_TIME_DAY ? day - 1 : day;
    }
    piece->is_last = piece->last == APR_INT64_MAX;
    return err;
}

static day_t *day_of(apr_hash_t *days, apr_int64_t number, apr_pool_t *pool)
{
    day_t *day = apr_hash_get(days, &number, sizeof(number));

    if (!day) {
        day = apr_pcalloc(pool, sizeof(*day));
        day->number = number;
        apr_hash_set(days, &day->number, sizeof(day->number), day);
    }
    return day;
}

static wide_t whole(ubal_rows_t *rows, int column)
{
    return (wide_t)ubal_rows_int(rows, column, 0) * MILLIARD +
           ubal_rows_int(rows, column + 1, 0);
}

static ubal_error_t *read_summed(apr_hash_t *days, const piece_t *piece)
{
    apr_int64_t from = begin_of(piece->first), to = end_of(piece->last);
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_select(&rows, piece->db, piece->pool, UBAL_SQL_REPAIR_SUMS,
                       piece->repair->user, &from, &to);

    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        day_t *day = day_of(days, ubal_rows_int(rows, 0, 0), piece->pool);

        day->has_summed = 1;
        day->summed[ubal_rows_int(rows, 1, 0)] = whole(rows, 2);
    }
    return err;
}

static ubal_error_t *read_stored(apr_hash_t *days, const piece_t *piece)
{
    ubal_rows_t *rows;
    int i, has_row;
    ubal_error_t *err =
        ubal_db_select(&rows, piece->db, piece->pool, UBAL_SQL_REPAIR_DAYS,
                       piece->repair->user, &piece->first, &piece->last);

    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        day_t *day = day_of(days, ubal_rows_int(rows, 0, 0), piece->pool);

        day->has_stored = 1;
        for (i = 0; i < UBAL_TYPE_COUNT; i++) {
            day->stored.of[i] = ubal_rows_int(rows, i + 1, 0);
        }
    }
    return err;
}

/* What `repaired` is to become; 0 where it is that already. Sets is_overflow
 * where it cannot. */
static int is_wrong(ubal_repaired_t *repaired, const wide_t *summed)
{
    int i, is_equal = repaired->had == repaired->has;

    for (i = 0; i < UBAL_TYPE_COUNT; i++) {
        if (summed[i] > UBAL_PAGE_SUM_MAX || summed[i] < -UBAL_PAGE_SUM_MAX) {
            repaired->is_overflow = 1;
            return 1;
        }
        repaired->after.of[i] = (apr_int64_t)summed[i];
        is_equal = is_equal && summed[i] == repaired->before.of[i];
    }
    return !is_equal;
}

static ubal_error_t *write_day(const piece_t *piece,
                               const ubal_repaired_t *change)
{
    const apr_int64_t *of = change->after.of;

    return change->has
               ? ubal_db_run(piece->db, NULL, piece->pool, UBAL_SQL_DAY_SET,
                             change->user, &change->day, &of[UBAL_TYPE_EARNED],
                             &of[UBAL_TYPE_SPENT], &of[UBAL_TYPE_PAYOUT],
                             &of[UBAL_TYPE_PAID_OUT])
               : ubal_db_run(piece->db, NULL, piece->pool, UBAL_SQL_DAY_DELETE,
                             change->user, &change->day);
}

static ubal_error_t *write_balance(const piece_t *piece,
                                   const ubal_repaired_t *change)
{
    const apr_int64_t *of = change->after.of;

    return change->has
               ? ubal_db_run(piece->db, NULL, piece->pool,
                             UBAL_SQL_BALANCE_SET, change->user,
                             &of[UBAL_TYPE_EARNED], &of[UBAL_TYPE_SPENT],
                             &of[UBAL_TYPE_PAYOUT], &of[UBAL_TYPE_PAID_OUT],
                             &piece->at)
               : ubal_db_run(piece->db, NULL, piece->pool,
                             UBAL_SQL_BALANCE_DELETE, change->user);
}

/* Writes and notes the change, where there is one. */
static ubal_error_t *settle(const piece_t *piece, ubal_repaired_t change,
                            const wide_t *summed)
{
    if (!is_wrong(&change, summed)) {
        return NULL;
    }
    APR_ARRAY_PUSH(piece->changes, ubal_repaired_t) = change;
    if (change.is_overflow) {
        piece->repair->has_overflow = 1;
        return NULL;
    }
    return change.is_day ? write_day(piece, &change)
                         : write_balance(piece, &change);
}

static ubal_error_t *settle_days(const piece_t *piece)
{
    apr_hash_t *days = apr_hash_make(piece->pool);
    ubal_error_t *err = read_summed(days, piece);
    apr_hash_index_t *i;

    if (!err) {
        err = read_stored(days, piece);
    }
    for (i = apr_hash_first(piece->pool, days); !err && i;
         i = apr_hash_next(i)) {
        const day_t *day = apr_hash_this_val(i);

        err = settle(piece,
                     (ubal_repaired_t){.user = piece->repair->user,
                                       .is_day = 1,
                                       .day = day->number,
                                       .had = day->has_stored,
                                       .has = day->has_summed,
                                       .before = day->stored},
                     day->summed);
    }
    return err;
}

/* The balance is the sum of the days, once all of them are right. */
static ubal_error_t *settle_balance(const piece_t *piece)
{
    ubal_repaired_t change = {.user = piece->repair->user};
    wide_t summed[UBAL_TYPE_COUNT] = {0};
    ubal_rows_t *rows;
    int i;
    ubal_error_t *err =
        ubal_db_first(&rows, &change.had, piece->db, piece->pool,
                      UBAL_SQL_BALANCE_GET, change.user);

    for (i = 0; !err && change.had && i < UBAL_TYPE_COUNT; i++) {
        change.before.of[i] = ubal_rows_int(rows, i, 0);
    }
    if (!err) {
        err = ubal_db_first(&rows, &change.has, piece->db, piece->pool,
                            UBAL_SQL_REPAIR_TOTAL, change.user);
    }
    if (err) {
        return err;
    }
    change.has = change.has && ubal_rows_int(rows, 0, 0) > 0;
    for (i = 0; change.has && i < UBAL_TYPE_COUNT; i++) {
        summed[i] = whole(rows, 2 * i + 1);
    }
    return settle(piece, change, summed);
}

ubal_error_t *ubal_repair_next(int *is_over, apr_array_header_t *changes,
                               ubal_repair_t *repair, ubal_db_t *db,
                               apr_int64_t at, apr_pool_t *pool)
{
    piece_t piece = {.repair = repair,
                     .db = db,
                     .changes = changes,
                     .at = at,
                     .pool = pool};
    int has_user;
    ubal_error_t *err = find_user(&has_user, &piece);

    *is_over = !err && !has_user;
    if (err || *is_over) {
        return err;
    }
    err = find_days(&piece);
    if (!err) {
        err = settle_days(&piece);
    }
    if (!err && piece.is_last && !repair->has_overflow) {
        err = settle_balance(&piece);
    }
    repair->is_within = !piece.is_last;
    repair->next_day = piece.is_last ? 0 : piece.last + 1;
    return err;
}
