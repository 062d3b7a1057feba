/* Every statement costs the same however long the history is: SQLite answers
 * it from an index, row by row. What is to be otherwise is listed. What a GET
 * runs is found from the sources, and holds whatever ANALYZE found. */
#include "plans_fixture.h"

/* What reads all there is: `copy` and `verify`. And what only PostgreSQL
 * understands. */
static const char *const prefixes[] = {"copy_", "verify_", "host_lock_"};

/* What may read more than it must, and how: what is short, ends early, or is
 * for people, now and then. */
static const struct {
    ubal_sql_e statement;
    const char *step;
} allowed[] = {
    {UBAL_SQL_BACKFILL_LIST, "SCAN b"},
    {UBAL_SQL_BACKFILL_OCCUPIED, "USE TEMP B-TREE FOR ORDER BY"},
    {UBAL_SQL_BACKFILL_WANTED, "SCAN backfills"},
    {UBAL_SQL_GAP_LIST, "USE TEMP B-TREE FOR ORDER BY"},
    {UBAL_SQL_GAP_LIST, "SCAN w USING INDEX windows_end"},
    /* over the windows of a range */
    {UBAL_SQL_RANGE_MIDDLE, "SCAN running"},
    {UBAL_SQL_RANGE_MIDDLE, "SCAN (subquery-3)"},
    {UBAL_SQL_RANGE_PAGE, "SCAN running"},
    {UBAL_SQL_RANGE_PAGE, "SCAN (subquery-3)"},
    /* to the first that fits, from the last one back */
    {UBAL_SQL_STATUS_BEFORE, "SCAN requests"},
    {UBAL_SQL_STATUS_COVERAGE, "SCAN balances"},
    {UBAL_SQL_STATUS_COVERAGE, "SCAN requests"},
    {UBAL_SQL_STATUS_SIZE, "SCAN s VIRTUAL TABLE INDEX 0:"},
    {UBAL_SQL_STATUS_SIZE, "SCAN c VIRTUAL TABLE INDEX 0:"},
    {UBAL_SQL_STATUS_VENDORS, "SCAN v USING INDEX sqlite_autoindex_vendors_1"},
    {UBAL_SQL_VENDOR_ACTIVE, "SCAN vendors"},
    /* from the end of the index: one, and sixteen at most */
    {UBAL_SQL_WINDOW_END,
     "SEARCH windows USING COVERING INDEX windows_end (vendor=?)"},
    {UBAL_SQL_WINDOW_RECENT,
     "SEARCH windows USING INDEX windows_end (vendor=?)"},
};

static int is_of_all(size_t statement)
{
    size_t i;

    for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (!strncmp(ubal_sql_text[statement].name, prefixes[i],
                     strlen(prefixes[i]))) {
            return 1;
        }
    }
    return 0;
}

static int is_allowed(size_t statement, const char *step)
{
    size_t i;

    for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
        if (allowed[i].statement == (ubal_sql_e)statement &&
            !strcmp(allowed[i].step, step)) {
            return 1;
        }
    }
    return 0;
}

/* What is always short: vendors, indexes of what is not done yet, and what a
 * parameter lists. */
static int is_short(const char *step)
{
    return strstr(step, "windows_undone") || strstr(step, "requests_open") ||
           strstr(step, "backfills_open") ||
           strncmp(step, "SCAN j VIRTUAL TABLE", 20) == 0 || /* json_each */
           strcmp(step, "SCAN v") == 0 ||                    /* the vendors */
           strcmp(step, "SCAN c") == 0 || /* the one row of coverage */
           strcmp(step, "SCAN o") ==
               0 || /* owners, newest first, to a limit */
           strcmp(step, "SCAN w") == 0 ||       /* six widths */
           strcmp(step, "SCAN p") == 0 ||       /* one row of parameters */
           strcmp(step, "SCAN tail") == 0 ||    /* one row */
           strstr(step, "SCAN CONSTANT ROW") || /* one row */
           strstr(step, "CONSTANT ROWS") ||     /* the widths */
           strcmp(step, "SCAN parts") == 0 || /* what is summed, as it comes */
           strcmp(step, "SCAN a") == 0;       /* one row of sums */
}

/* Whether all that a user has is read, of what one user can have much of. */
static int is_all_of_user(const char *step)
{
    return strstr(step, "KEY (user_id=?)") &&
           (strstr(step, "SEARCH s ") || strstr(step, "SEARCH x ") ||
            strstr(step, "SEARCH transactions "));
}

/* Whether a step of the plan reads more the longer the history is: all of a
 * table, all windows or requests of a vendor or account without a bound. */
static int is_long(const char *step)
{
    if (is_short(step)) {
        return 0;
    }
    return strstr(step, "SCAN") || strstr(step, "TEMP B-TREE") ||
           strstr(step, "AUTOMATIC") || strstr(step, "BLOOM") ||
           is_all_of_user(step) || strstr(step, "windows_end (vendor=?)");
}

/* As a query of SQLite's own. */
static const char *with_question_marks(const char *text)
{
    char *marked = apr_pstrdup(pool, text), *p = marked;

    while ((p = strchr(p, '%'))) {
        size_t length = p[1] == 's' || p[1] == '%' ? 2 : p[1] == 'l' ? 4 : 1;

        if (length > 1) {
            *p = p[1] == '%' ? '%' : '?';
        }
        memmove(p + 1, p + length, strlen(p + length) + 1);
        p++;
    }
    return marked;
}

static void test_statement(sqlite3 *handle, size_t statement, const char *when)
{
    const ubal_sql_text_t *text = &ubal_sql_text[statement];
    const char *bad = NULL;
    sqlite3_stmt *stmt;

    if (sqlite3_prepare_v2(handle,
                           apr_pstrcat(pool, "EXPLAIN QUERY PLAN ",
                                       with_question_marks(text->sqlite),
                                       NULL),
                           -1, &stmt, NULL)) {
        printf("Bail out! %s: %s\n", text->name, sqlite3_errmsg(handle));
        exit(1);
    }
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *step = (const char *)sqlite3_column_text(stmt, 3);

        if (is_long(step) && !is_allowed(statement, step)) {
            bad = apr_pstrdup(pool, step);
        }
    }
    sqlite3_finalize(stmt);
    tap_is_str(bad, NULL, "%s reads no more than it must%s", text->name, when);
}

/* The bound that as-of gives is no bound to a window that is open since long:
 * what is not done has an index of its own. */
static void test_undone(sqlite3 *handle)
{
    sqlite3_stmt *stmt;
    const char *text =
        apr_pstrcat(pool, "EXPLAIN QUERY PLAN ",
                    with_question_marks(
                        ubal_sql_text[UBAL_SQL_WINDOW_FIRST_UNDONE].sqlite),
                    NULL);

    sqlite3_prepare_v2(handle, text, -1, &stmt, NULL);
    tap_ok(sqlite3_step(stmt) == SQLITE_ROW &&
               strstr((const char *)sqlite3_column_text(stmt, 3),
                      "windows_undone"),
           "the first window that is not done is found among those alone");
    sqlite3_finalize(stmt);
}

/* A page of a list reads its own stretch of the user's transactions alone:
 * from where the one before ended, and no further than the filter. */
static void test_list(sqlite3 *handle, ubal_sql_e statement,
                      const char *expected)
{
    const ubal_sql_text_t *text = &ubal_sql_text[statement];
    sqlite3_stmt *stmt;

    sqlite3_prepare_v2(handle,
                       apr_pstrcat(pool, "EXPLAIN QUERY PLAN ",
                                   with_question_marks(text->sqlite), NULL),
                       -1, &stmt, NULL);
    tap_is_str(sqlite3_step(stmt) == SQLITE_ROW
                   ? (const char *)sqlite3_column_text(stmt, 3)
                   : NULL,
               expected, "%s is bounded at both ends", text->name);
    tap_ok(sqlite3_step(stmt) == SQLITE_DONE, "%s: nothing is sorted",
           text->name);
    sqlite3_finalize(stmt);
}

static void test_readers(sqlite3 *handle, apr_hash_t *names, const char *when)
{
    unsigned found = 0;
    size_t i;

    for (i = 0; i < UBAL_SQL_COUNT; i++) {
        if (is_reader(names, i)) {
            test_statement(handle, i, when);
            found++;
        }
    }
    tap_ok(found >= 8 && found == apr_hash_count(names),
           "all %u statements that a GET can run were found%s", found, when);
}

/* As ANALYZE finds a database that is young, and one of one user: plans that
 * it makes then are still in force when there is much more. */
static void test_analysed(sqlite3 *handle, apr_hash_t *names)
{
    static const char one_user[] =
        "INSERT INTO balances (user_id, earned, spent, payout, paid_out, "
        "changed_at, n) VALUES ('1', 9, 0, 0, 0, 1, 1000);"
        "WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i "
        "WHERE n < 1000) INSERT INTO transactions "
        "SELECT 1, 'a' || n, '1', n, 0, 1, 1 FROM i;"
        "INSERT INTO sums SELECT '1', created_at % 9, created_at, 1, 1, 0, 0, "
        "0 FROM transactions";
    static const char users[] =
        "INSERT INTO transactions SELECT 1, 'b' || created_at, "
        "'u' || created_at, created_at, 0, 1, 1 FROM transactions;"
        "INSERT INTO balances (user_id, earned, spent, payout, paid_out, "
        "changed_at, n) SELECT user_id, 1, 0, created_at % 2, 0, 1, 1 "
        "FROM transactions WHERE user_id > '1'";

    if (sqlite3_exec(handle, "ANALYZE", NULL, NULL, NULL) ||
        sqlite3_exec(handle, one_user, NULL, NULL, NULL)) {
        printf("Bail out! %s\n", sqlite3_errmsg(handle));
        exit(1);
    }
    test_readers(handle, names, ", analysed empty");
    sqlite3_exec(handle, "ANALYZE", NULL, NULL, NULL);
    test_readers(handle, names, ", analysed with one user");
    sqlite3_exec(handle, users, NULL, NULL, NULL);
    sqlite3_exec(handle, "ANALYZE", NULL, NULL, NULL);
    test_readers(handle, names, ", analysed with a thousand");
}

int main(void)
{
    sqlite3 *handle;
    apr_hash_t *names;
    size_t i;

    only_sqlite();
    fixture_begin();
    handle = other();
    for (i = 0; i < UBAL_SQL_COUNT; i++) {
        if (ubal_sql_text[i].sqlite && !is_of_all(i)) {
            test_statement(handle, i, "");
        }
    }
    test_undone(handle);
    names = find_readers();
    test_readers(handle, names, "");
    test_analysed(handle, names);
    test_list(handle, UBAL_SQL_LIST_NEWEST,
              "SEARCH transactions USING PRIMARY KEY (user_id=? AND "
              "created_at>? AND (created_at,vendor,id)<(?,?,?))");
    test_list(handle, UBAL_SQL_LIST_OLDEST,
              "SEARCH transactions USING PRIMARY KEY (user_id=? AND "
              "(created_at,vendor,id)>(?,?,?) AND created_at<?)");
    test_list(handle, UBAL_SQL_OUTSTANDING_LIST,
              "SEARCH balances USING INDEX balances_outstanding (user_id>?)");
    sqlite3_close(handle);
    fixture_end();
    return tap_done();
}
