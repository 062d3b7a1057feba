/* The invariants as statements that find what breaks them: each gives the
 * sentence of the first finding, or no row. See verify.h. */
#include "store/verify.h"

#include "store/stretch.h"

const ubal_verify_check_t ubal_verify_checks[] = {
    {5, "scale and schema are what ubal_meta says"},
    {5, "there is one row of coverage"},
    {1, "balances are the sums of the transactions"},
    {1, "sums over time are the sums of the transactions"},
    {1, "all balances together are the sum of all transactions"},
    {2, "each transaction is stored once"},
    {2, "no stored transaction is an open dead letter"},
    {3, "every request's counts add up"},
    {3, "the requests brought what is stored"},
    {3, "windows were done with no more than their requests saw"},
    {4, "windows do not overlap"},
    {4, "as-of does not pass a window that is not done"},
    {4, "coverage has no hole"},
    {4, "coverage is that of the vendors"},
    {4, "coverage says what is missing"},
};

const int ubal_verify_count =
    sizeof(ubal_verify_checks) / sizeof(ubal_verify_checks[0]);

/* One that no statement makes alone. */
#define IN_STEPS UBAL_SQL_COUNT

static const ubal_sql_e statements[] = {
    UBAL_SQL_VERIFY_META,     UBAL_SQL_VERIFY_ONE_ROW,
    UBAL_SQL_VERIFY_BALANCES, IN_STEPS,
    UBAL_SQL_VERIFY_TOTALS,   UBAL_SQL_VERIFY_UNIQUE,
    UBAL_SQL_VERIFY_DEAD,     UBAL_SQL_VERIFY_COUNTS,
    UBAL_SQL_VERIFY_NEW,      UBAL_SQL_VERIFY_ACCEPTED,
    UBAL_SQL_VERIFY_OVERLAP,  UBAL_SQL_VERIFY_AS_OF,
    UBAL_SQL_VERIFY_HOLES,    UBAL_SQL_VERIFY_COVERAGE,
    UBAL_SQL_VERIFY_FLAGS,
};

_Static_assert(sizeof(statements) / sizeof(statements[0]) ==
                   sizeof(ubal_verify_checks) / sizeof(ubal_verify_checks[0]),
               "each check has its statement");

ubal_error_t *ubal_verify_run(const char **finding, ubal_db_t *db, int index,
                              int scale, apr_pool_t *pool)
{
    apr_int64_t expected_scale = scale, schema = ubal_migration_count;
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err;

    if (statements[index] == IN_STEPS) {
        return ubal_stretch_verify(finding, db, pool);
    }
    /* only the first check has parameters */
    err = ubal_db_first(&rows, &has_row, db, pool, statements[index],
                        &expected_scale, &schema, &expected_scale, &schema);
    *finding = !err && has_row ? ubal_rows_text(rows, 0) : NULL;
    return err;
}
