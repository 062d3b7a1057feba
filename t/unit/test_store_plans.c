/* What is asked at each page and each GET costs the same however long the
 * history is: SQLite answers it from an index, row by row. */
#include "store_fixture.h"

static const ubal_sql_e statements[] = {
    UBAL_SQL_READ_USER,
    UBAL_SQL_STATUS_RECENT,
    UBAL_SQL_META_TOKEN,
    UBAL_SQL_COVERAGE_COMMIT,
    UBAL_SQL_COVERAGE_UPDATE,
    UBAL_SQL_VENDOR_SAVE,
    UBAL_SQL_VENDOR_AS_OF,
    UBAL_SQL_VENDOR_TAKE_BACK,
    UBAL_SQL_VENDOR_PAGE,
    UBAL_SQL_VENDOR_SINCE,
    UBAL_SQL_VENDOR_COVERAGE,
    UBAL_SQL_WINDOW_COVERS_TO,
    UBAL_SQL_WINDOW_COVERS_FROM,
    UBAL_SQL_WINDOW_RECHECK,
    UBAL_SQL_WINDOW_MERGE,
    UBAL_SQL_BACKFILL_LOAD,
    UBAL_SQL_BACKFILL_ADVANCE,
    UBAL_SQL_BACKFILL_FINISH,
    UBAL_SQL_RANGE_SUM,
    UBAL_SQL_RANGE_FIRST,
    UBAL_SQL_RANGE_LAST,
    UBAL_SQL_WINDOW_FIRST_UNDONE,
    UBAL_SQL_WINDOW_LOAD,
    UBAL_SQL_WINDOW_UPDATE,
    UBAL_SQL_WINDOW_DELETE,
    UBAL_SQL_WINDOW_DELETE_BEYOND,
    UBAL_SQL_WINDOW_SHORTEN,
    UBAL_SQL_PASS_KEY_COUNT,
    UBAL_SQL_PASS_KEY_FORGET,
    UBAL_SQL_SLOT_RECENT,
    UBAL_SQL_SLOT_LAST,
    UBAL_SQL_SLOT_CLOSE,
    UBAL_SQL_SLOT_ABANDON,
    UBAL_SQL_TRANSACTION_CONTENT,
    UBAL_SQL_BALANCE_GET,
    UBAL_SQL_SUM_GET,
    UBAL_SQL_SUM_PART,
    UBAL_SQL_INSTANT,
    UBAL_SQL_HISTORY,
    UBAL_SQL_DEAD_SUPERSEDE,
    UBAL_SQL_DEAD_ANY,
    UBAL_SQL_DEAD_GET,
    UBAL_SQL_DEAD_LIST,
    UBAL_SQL_DEAD_DECIDE,
    UBAL_SQL_DEAD_RESTATE,
    UBAL_SQL_GAP_WAITING,
    UBAL_SQL_GAP_FIND,
    UBAL_SQL_BULK,
    UBAL_SQL_GAP_DECIDE,
    UBAL_SQL_TRANSACTION_KNOWN,
    UBAL_SQL_WINDOW_NEXT,
    UBAL_SQL_IMPORT_FIND,
    UBAL_SQL_IMPORT_ADVANCE,
    UBAL_SQL_IMPORT_STATE,
    UBAL_SQL_IMPORT_REQUEST,
    UBAL_SQL_IMPORT_HOURS,
    UBAL_SQL_IMPORT_HOURS_ANY,
    UBAL_SQL_IMPORT_HOURS_FORGET,
    UBAL_SQL_IMPORT_BACKFILL,
    UBAL_SQL_OPENING_AT,
    UBAL_SQL_OPENING_GET,
    UBAL_SQL_OPENING_BEFORE,
    UBAL_SQL_LIST_HEAD,
    UBAL_SQL_LIST_NEWEST,
    UBAL_SQL_LIST_OLDEST,
    UBAL_SQL_OUTSTANDING_LIST,
    UBAL_SQL_OWNER_RECORD,
};

/* What is always short: vendors, indexes of what is not done yet, and what a
 * parameter lists. */
static int is_short(const char *step)
{
    return strstr(step, "windows_undone") || strstr(step, "requests_open") ||
           strstr(step, "backfills_open") ||
           strncmp(step, "SCAN j VIRTUAL TABLE", 20) == 0 || /* json_each */
           strcmp(step, "SCAN v") == 0 ||                    /* the vendors */
           strcmp(step, "SCAN w") == 0 ||                    /* six widths */
           strcmp(step, "SCAN p") == 0 ||       /* one row of parameters */
           strcmp(step, "SCAN tail") == 0 ||    /* one row */
           strstr(step, "SCAN CONSTANT ROW") || /* one row */
           strstr(step, "CONSTANT ROWS") ||     /* the widths */
           strcmp(step, "SCAN parts") == 0 || /* what is summed, as it comes */
           strcmp(step, "SCAN a") == 0;       /* one row of sums */
}

/* Whether a step of the plan reads more the longer the history is: all of a
 * table, all windows or requests of a vendor or account without a bound. */
static int is_long(const char *step)
{
    if (is_short(step)) {
        return 0;
    }
    return strstr(step, "SCAN") || strstr(step, "TEMP B-TREE") ||
           strstr(step, "windows_end (vendor=?)");
}

static const char *with_question_marks(const char *text)
{
    char *marked = apr_pstrdup(pool, text), *p;

    while ((p = strchr(marked, '%'))) {
        size_t length = p[1] == 's' ? 2 : 4;

        *p = '?';
        memmove(p + 1, p + length, strlen(p + length) + 1);
    }
    return marked;
}

static void test_statement(sqlite3 *handle, ubal_sql_e statement)
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

        if (is_long(step)) {
            bad = apr_pstrdup(pool, step);
        }
    }
    sqlite3_finalize(stmt);
    tap_is_str(bad, NULL, "%s reads no more than it must", text->name);
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

int main(void)
{
    sqlite3 *handle;
    size_t i;

    fixture_begin();
    handle = other();
    for (i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        test_statement(handle, statements[i]);
    }
    test_undone(handle);
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
