/* What a GET runs on PostgreSQL touches the partition of its user alone, and
 * finds what it wants by an index: as EXPLAIN ANALYZE says of the statements
 * with values in their places. */
#include "plans_fixture.h"

/* What has to look at all users, and does it by an index of each partition. */
static const ubal_sql_e of_all[] = {UBAL_SQL_OUTSTANDING_LIST};

/* What asks for several users names them in an array. */
#define USERS "'[\"u1\",\"u2\",\"u3\"]'"
#define USERS_COUNT 3

static const char *const parted[] = {"transactions", "balances", "sums", "ids",
                                     NULL};

/* The statement with values where its parameters are. */
static const char *with_values(const char *text)
{
    const char *out = "", *mark;

    for (; (mark = strchr(text, '%'));
         text = mark + (mark[1] == 's' ? 2 : 4)) {
        const char *value = mark[1] != 's' ? "1767225600000000"
                            : !strncmp(mark + 2, " AS jsonb", 9) ? USERS
                            : !strncmp(mark + 2, " AS TEXT[]", 10)
                                ? "'{t1,t2}'"
                                : "'u1'";

        out = apr_pstrcat(
            pool, out, apr_pstrmemdup(pool, text, (apr_size_t)(mark - text)),
            value, NULL);
    }
    return apr_pstrcat(pool, out, text, NULL);
}

/* The table that a partition is one of; NULL where it is no partition. */
static const char *table_of(const char *relation)
{
    int i;

    for (i = 0; parted[i]; i++) {
        size_t length = strlen(parted[i]);

        if (!strncmp(relation, parted[i], length) && relation[length] == '_') {
            return parted[i];
        }
    }
    return NULL;
}

/* Counts the partitions of each table that a plan's nodes have read, and finds
 * a node that reads one from end to end. */
static const char *look(apr_hash_t *seen, const char *plan)
{
    static const char key[] = "\"Relation Name\": \"";
    static const char type_key[] = "\"Node Type\": \"";
    const char *bad = NULL, *type = "", *at = plan, *node;

    for (; (at = strstr(at, key)); at++) {
        const char *name = apr_pstrmemdup(pool, at + sizeof(key) - 1,
                                          strcspn(at + sizeof(key) - 1, "\""));
        const char *loops = strstr(at, "\"Actual Loops\": ");

        for (node = plan; (node = strstr(node, type_key)) && node < at;
             node++) {
            type = node + sizeof(type_key) - 1;
        }
        if (!table_of(name) || !loops ||
            strtol(strchr(loops, ':') + 1, NULL, 10) == 0) {
            continue;
        }
        apr_hash_set(seen, name, APR_HASH_KEY_STRING, table_of(name));
        if (!strncmp(type, "Seq Scan", 8)) {
            bad = apr_pstrcat(pool, "Seq Scan on ", name, NULL);
        }
    }
    return bad;
}

static int most_of_one(apr_hash_t *seen)
{
    apr_hash_index_t *at;
    int i, count, most = 0;

    for (i = 0; parted[i]; i++) {
        count = 0;
        for (at = apr_hash_first(pool, seen); at; at = apr_hash_next(at)) {
            count += apr_hash_this_val(at) == parted[i];
        }
        most = count > most ? count : most;
    }
    return most;
}

static int is_of_all(size_t statement)
{
    size_t i;

    for (i = 0; i < sizeof(of_all) / sizeof(of_all[0]); i++) {
        if (of_all[i] == (ubal_sql_e)statement) {
            return 1;
        }
    }
    return 0;
}

static void test_statement(pgsql_session_t *session, size_t statement)
{
    const ubal_sql_text_t *text = &ubal_sql_text[statement];
    const char *plan =
        pgsql_text(&pg, session,
                   apr_pstrcat(pool, "EXPLAIN (ANALYZE, FORMAT JSON) ",
                               with_values(text->pgsql), NULL));
    apr_hash_t *seen = apr_hash_make(pool);
    const char *bad = look(seen, plan);
    int most = strstr(text->pgsql, "AS jsonb") ? USERS_COUNT : 1;

    tap_is_str(bad, NULL, "%s goes by an index", text->name);
    if (!is_of_all(statement)) {
        tap_ok(most_of_one(seen) <= most, "%s reads %d partition%s of a table",
               text->name, most, most == 1 ? "" : "s");
    }
    if (bad || (!is_of_all(statement) && most_of_one(seen) > most)) {
        printf("# %s\n", apr_pstrdup(pool, plan));
    }
}

/* Its plan is kept from when nothing was stored: each transaction is to be
 * found by all of its key then, too. */
static void test_contents(pgsql_session_t *session)
{
    const char *text = ubal_sql_text[UBAL_SQL_PARCEL_CONTENTS].pgsql;
    const char *plan = pgsql_text(
        &pg, session, apr_pstrcat(pool, "EXPLAIN ", with_values(text), NULL));
    int is_found = strstr(plan, "Index Cond: ((user_id = ") != NULL;

    tap_ok(is_found && !strstr(plan, "Hash Join") && !strstr(plan, "Seq Scan"),
           "known transactions are found one by one in empty tables");
    if (!is_found) {
        printf("# %s\n", plan);
    }
}

/* Users of one transaction and of many, the latter with sums over time. */
static void fill(void)
{
    ubal_page_t *page = new_page();
    int i;

    for (i = 0; i < 900; i++) {
        add(page, apr_psprintf(pool, "t%d", i),
            i < 400 ? "u1" : apr_psprintf(pool, "u%d", i), i * 86400,
            UBAL_TYPE_EARNED, 1);
    }
    store(page);
    sql("ANALYZE");
}

int main(void)
{
    pgsql_session_t session;
    apr_hash_t *names;
    unsigned found = 0;
    size_t i;

    if (!is_pgsql()) {
        printf("1..0 # SKIP of PostgreSQL alone\n");
        return 0;
    }
    fixture_begin();
    session = pgsql_connect(&pg, NULL);
    test_contents(&session);
    fill();
    /* little is there: what has an index is to show that it has */
    pgsql_run(&session, "SET enable_seqscan = off");
    names = find_readers();
    for (i = 0; i < UBAL_SQL_COUNT; i++) {
        if (is_reader(names, i)) {
            test_statement(&session, i);
            found++;
        }
    }
    tap_ok(found >= 8 && found == apr_hash_count(names),
           "all %u statements that a GET can run were found", found);
    pgsql_close(&session);
    fixture_end();
    return tap_done();
}
