/* What status says of the disk: how large the database is, how fast it grows,
 * how long the disk lasts. Reckoned from made-up numbers, and read from a
 * ledger of made-up requests. */
#include "store/growth.h"
#include "store_fixture.h"

#define HOUR (3600 * UBAL_TIME_SECOND)
#define NOW (SINCE + 300 * UBAL_TIME_DAY)

static ubal_growth_t reckon(apr_int64_t bytes, apr_int64_t free_bytes,
                            apr_int64_t transactions, apr_int64_t recent,
                            apr_int64_t span)
{
    ubal_growth_t growth = {.bytes = bytes, .free_bytes = free_bytes};

    ubal_growth_reckon(&growth, transactions, recent, span);
    return growth;
}

static void test_reckon(void)
{
    ubal_growth_t g =
        reckon(250000000, 1000000000, 1000000, 100000, UBAL_TIME_DAY);

    tap_is_int(g.rows_per_day, 100000, "a day's rows are a day's");
    tap_is_int(g.bytes_per_day, 25000000, "of the bytes that a row takes");
    tap_is_int(g.days_left, 40, "which the disk has room for");
    g = reckon(250000000, 1000000000, 1000000, 100000, 6 * HOUR);
    tap_is_int(g.bytes_per_day, 100000000, "six hours' make four times that");
    g = reckon(1000000, 1000000000, 10, 10, UBAL_TIME_DAY);
    tap_is_int(g.bytes_per_day, 10 * UBAL_GROWTH_ROW,
               "a database without rows to speak of says nothing of theirs");
    g = reckon(250000000, 1000000000, 1000000, 0, UBAL_TIME_DAY);
    tap_ok(g.bytes_per_day == 0 && g.days_left == UBAL_GROWTH_NEVER,
           "where nothing comes the disk lasts");
    g = reckon(250000000, 1000000000, 1000000, 10, HOUR / 12);
    tap_ok(g.rows_per_day < 0 && g.bytes_per_day < 0 && g.days_left < 0,
           "five minutes say nothing");
    g = reckon(250000000, -1, 1000000, 100000, UBAL_TIME_DAY);
    tap_ok(g.bytes_per_day == 25000000 && g.days_left < 0,
           "a disk that is elsewhere may be of any size");
    g = reckon(INT64_C(30000000000000), 0, INT64_C(100000000000), 7200000,
               UBAL_TIME_DAY);
    tap_ok(g.bytes_per_day == INT64_C(2160000000) && g.days_left == 0,
           "large numbers, and a full disk");
}

static void add_request(apr_int64_t at, int new, const char *account)
{
    sql(apr_psprintf(pool,
                     "INSERT INTO requests (account, boot, started, vendor, "
                     "window_id, page, at, seen, new) VALUES ('%s', 'b', 1, "
                     "1, 1, 1, %" APR_INT64_T_FMT ", %d, %d)",
                     account, at, new, new));
}

static ubal_growth_t growth_now(void)
{
    ubal_growth_t growth;

    must(ubal_growth_read(&growth, db, 1000, NOW, pool));
    return growth;
}

static void test_read(void)
{
    ubal_growth_t g = growth_now();

    if (pg.server) {
        tap_is_int(g.bytes,
                   number("SELECT pg_database_size(current_database())"),
                   "the database's size is what the server says");
    } else {
        tap_is_int(g.bytes, number("PRAGMA page_count") * 4096,
                   "the database's size is the file's");
        tap_ok(g.free_bytes > 0, "its disk has room");
    }
    tap_ok(g.rows_per_day < 0, "there is no pace before the first request");
    add_request(NOW - 6 * HOUR, 50, "a");
    add_request(NOW - 5 * HOUR, 1000000, "");
    add_request(NOW - HOUR, 50, "a");
    tap_is_int(growth_now().rows_per_day, 400,
               "what six hours brought counts fourfold, imports do not");
    sql("DELETE FROM requests");
    add_request(NOW - 9 * UBAL_TIME_DAY, 70000, "a");
    add_request(NOW - HOUR, 50, "a");
    tap_is_int(growth_now().rows_per_day, 50,
               "after a longer time only the last 24 hours count");
    sql("DELETE FROM requests");
    add_request(NOW - 9 * UBAL_TIME_DAY, 70000, "a");
    tap_is_int(growth_now().rows_per_day, 0,
               "also where they brought nothing");
}

int main(void)
{
    fixture_begin();
    test_reckon();
    test_read();
    fixture_end();
    return tap_done();
}
