/* What PostgreSQL keeps of a statement for its next time: where its session is
 * ours, in one copy, with a plan for any user; and never in an answer's way:
 * what was lost, or another's behind a pooler, is done without. */
#include "store_fixture.h"

static apr_int64_t read_earned(ubal_db_t *reader)
{
    ubal_coverage_t coverage;
    ubal_sums_t sums = {{0}};
    int is_known;

    must(ubal_read_user(&coverage, &sums, &is_known, reader, "12", 2, pool));
    return sums.of[UBAL_TYPE_EARNED];
}

static ubal_db_t *open_reader(void)
{
    ubal_db_t *reader;

    must(ubal_db_open_reader(&reader, driver(), params(), pool));
    return reader;
}

/* The first column of what a connection's own session answers. */
static const char *ask(ubal_db_t *of, const char *text)
{
    pgsql_session_t session = {of->driver, of->handle};

    return pgsql_text(&pg, &session, text);
}

static const char *kept(ubal_db_t *of)
{
    return ask(of, "SELECT COUNT(*) FROM pg_prepared_statements");
}

static int read_often(ubal_db_t *reader, int count)
{
    int i, right = 0;

    for (i = 0; i < count; i++) {
        right += read_earned(reader) == 100;
    }
    return right;
}

static void test_session(void)
{
    ubal_db_t *reader = open_reader();

    tap_is_int(read_often(reader, 20), 20, "a user is read");
    tap_is_str(kept(reader), "1", "by a statement that the server keeps");
    tap_ok(strtol(ask(reader, "SELECT generic_plans "
                              "FROM pg_prepared_statements"),
                  NULL, 10) > 0,
           "with its plan");
    tap_is_int(read_often(reader, 600), 600, "however often");
    tap_is_str(kept(reader), "1", "it is there once");
}

static void test_lost(void)
{
    ubal_db_t *reader = open_reader();

    read_often(reader, 2);
    pgsql_run(&(pgsql_session_t){reader->driver, reader->handle},
              "DEALLOCATE ALL");
    tap_is_int(read_often(reader, 3), 3, "what the server lost is no error");
    tap_is_str(kept(reader), "0", "and this session keeps nothing more");
    sql(apr_psprintf(pool, "SELECT pg_terminate_backend(%s)",
                     ask(reader, "SELECT pg_backend_pid()")));
    tap_is_int(read_often(reader, 3), 3, "nor is a session that is cut");
    tap_is_str(kept(reader), "1", "and the next one keeps it again");
}

static int other_process(const void *connection)
{
    (void)connection;
    return 1;
}

static void test_pooler(void)
{
    ubal_db_t *reader = open_reader();

    reader->process_of = other_process;
    tap_is_int(read_often(reader, 3), 3, "behind a pooler it is read, too");
    tap_is_str(kept(reader), "0",
               "and nothing is left with a process that others use");
}

static void test_absent(void)
{
    ubal_db_t *reader = open_reader();
    ubal_coverage_t coverage;
    ubal_sums_t sums;
    int is_known;

    sql("ALTER TABLE coverage RENAME TO gone");
    fails(ubal_read_user(&coverage, &sums, &is_known, reader, "12", 2, pool),
          UBAL_ERR_NO_SCHEMA, "42P01",
          "before there is a table, none is kept");
    sql("ALTER TABLE gone RENAME TO coverage");
    tap_is_int(read_often(reader, 3), 3, "but when it is there");
    tap_is_str(kept(reader), "1", "the statement is");
}

/* Pages, too, are stored by statements that stay. */
static void test_writer(void)
{
    static const char setting[] = "SELECT current_setting('jit')";
    int i;

    for (i = 0; i < 3; i++) {
        ubal_page_t *page = new_page();

        add(page, apr_psprintf(pool, "p%d", i), "13", i, UBAL_TYPE_EARNED, 5);
        store(page);
    }
    tap_is_str(ask(db, "SELECT COUNT(*) FROM pg_prepared_statements "
                       "WHERE name LIKE 'ubal_parcel_ids_%'"),
               "1", "a writer's statement is kept over its transactions");
    tap_is_str(ask(db, setting), "off",
               "and none is compiled, which takes seconds a page");
}

int main(void)
{
    ubal_page_t *page;

    if (!is_pgsql()) {
        printf("1..0 # SKIP of PostgreSQL alone\n");
        return 0;
    }
    fixture_begin();
    page = new_page();
    add(page, "t1", "12", 1, UBAL_TYPE_EARNED, 100);
    store(page);
    test_session();
    test_lost();
    test_pooler();
    test_absent();
    test_writer();
    fixture_end();
    return tap_done();
}
