/* The two databases hold the same after the same: random pages with late
 * items, duplicates, conflicts, faults and sums that would be too large,
 * replays and drops of dead letters, transactions that are rolled back, and
 * repair. SEED=7 tries one seed, ROUNDS=1000 more than usual. */
#include "store/dead.h"
#include "store/repair.h"
#include "store/verify.h"
#include "store_fixture.h"

#define USERS 9
#define DENSE 2 /* of these, who have most of the items */
#define IDS 4000
#define SIDES 2

/* One database and its owner: what the fixture's globals are for it. */
typedef struct side_t {
    ubal_db_t *db;
    ubal_owner_t owner;
    ubal_vendor_row_t vendor;
    pgsql_t pg;
} side_t;

static side_t sides[SIDES];
static unsigned int seed;

static unsigned int dice(unsigned int range)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 8) % range;
}

static void use(const side_t *side)
{
    db = side->db;
    owner = side->owner;
    vendor = side->vendor;
    pg = side->pg;
}

static void make_side(side_t *side)
{
    own();
    begin();
    must(ubal_vendor_row_settle(&vendor, db, "game", pool));
    vendor.since = SINCE;
    must(ubal_vendor_row_save(db, &vendor, pool));
    must(ubal_meta_update_coverage(db, pool));
    commit();
    *side = (side_t){db, owner, vendor, pg};
}

/* --- the same pages for both -----------------------------------------------
 */

static const char *any_id(void)
{
    /* few are known, some of them with characters that arrays escape */
    unsigned int n = dice(IDS);

    return apr_psprintf(pool, n % 50 ? "t%u" : "t\"%u,\\{}' %u", n, n);
}

static const char *any_user(void)
{
    unsigned int n = dice(10) < 7 ? dice(DENSE) : dice(USERS);

    return apr_psprintf(pool, n == 5 ? "u \"\\,{%u} \xc3\xa4" : "u%u", n);
}

/* Seconds that fill up, hours that do, and any time of some months. */
static int any_second(void)
{
    switch (dice(4)) {
    case 0:
        return 12345;
    case 1:
        return 7200 + (int)dice(60);
    case 2:
        return (int)dice(4000);
    default:
        return (int)dice(9000000);
    }
}

static apr_int64_t any_amount(void)
{
    return dice(400) ? (apr_int64_t)dice(20000) - 3000
                     : APR_INT64_C(1000000000000000);
}

static void add_any(ubal_page_t *page)
{
    if (dice(25) == 0) {
        add_faulty(page, dice(3) ? any_id() : NULL,
                   apr_psprintf(pool, "fault %u", dice(4)));
    } else if (page->items->nelts && dice(20) == 0) {
        /* one of this page again */
        ubal_item_t item = APR_ARRAY_IDX(
            page->items, (int)dice((unsigned int)page->items->nelts),
            ubal_item_t);

        APR_ARRAY_PUSH(page->items, ubal_item_t) = item;
    } else {
        add(page, any_id(), any_user(), any_second(),
            (ubal_type_e)dice(UBAL_TYPE_COUNT), any_amount());
    }
}

/* Pages where each id is there once and none has a fault, too. */
static ubal_page_t *any_page(void)
{
    static int fresh;
    ubal_page_t *page = new_page();
    int i, is_plain = dice(3) == 0, count = 1 + (int)dice(300);

    for (i = 0; i < count; i++) {
        if (is_plain) {
            add(page, apr_psprintf(pool, "f%d", ++fresh), any_user(),
                any_second(), (ubal_type_e)dice(UBAL_TYPE_COUNT),
                any_amount());
        } else {
            add_any(page);
        }
    }
    return page;
}

/* --- what is done to both ---------------------------------------------------
 */

/* Sets what became of it, as text. */
static const char *store_as(const side_t *side, const ubal_page_t *page,
                            int is_rolled_back)
{
    ubal_slot_t slot = {.account = "a",
                        .boot = "b",
                        .started = 1,
                        .vendor = side->vendor.id,
                        .page = 1,
                        .at = SINCE};
    ubal_outcome_t outcome = {.ended = 2, .status = 200};
    ubal_counts_t *c = &outcome.counts;
    apr_int64_t *seqs =
        apr_pcalloc(pool, ((size_t)page->items->nelts + 1) * sizeof(*seqs));
    const char *said;
    int i;

    use(side);
    begin();
    must(ubal_slot_open(db, &slot, pool));
    must(ubal_page_store_each(c, seqs, db, vendor.id, 1, SINCE + 7, page,
                              pool));
    must(ubal_slot_close(db, slot.id, &outcome, pool));
    must(ubal_meta_update_coverage(db, pool));
    if (is_rolled_back) {
        ubal_db_rollback(db, pool);
    } else {
        commit();
    }
    said = apr_psprintf(pool, "%d %d %d %d %d %d:", c->seen, c->stored,
                        c->duplicate, c->dead, c->conflict, c->ignored);
    for (i = 0; i < page->items->nelts; i++) {
        said = apr_psprintf(pool, "%s %" APR_INT64_T_FMT, said, seqs[i]);
    }
    return said;
}

static void test_page(int round)
{
    ubal_page_t *page = any_page();
    int is_rolled_back = dice(6) == 0;
    const char *first = store_as(&sides[0], page, is_rolled_back);

    tap_is_str(store_as(&sides[1], page, is_rolled_back), first,
               "%d: a page becomes the same in both%s", round,
               is_rolled_back ? ", and is rolled back" : "");
}

/* The open letter at a place of the list is dropped, or its item stored. */
static void decide(const side_t *side, int place, int is_dropped)
{
    apr_array_header_t *letters;
    ubal_page_t *page = new_page();
    const ubal_letter_t *letter;
    ubal_counts_t counts;

    use(side);
    must(ubal_dead_list(&letters, db, 0, 1000, pool));
    if (!letters->nelts) {
        return;
    }
    letter = &APR_ARRAY_IDX(letters, place % letters->nelts, ubal_letter_t);
    begin();
    if (!is_dropped && letter->item_id) {
        add(page, letter->item_id, "u1", place, UBAL_TYPE_SPENT, place);
        must(ubal_page_store(&counts, db, vendor.id, 1, SINCE, page, pool));
    }
    must(ubal_dead_decide(db, letter->id, is_dropped ? "dropped" : "replayed",
                          pool));
    commit();
}

static void damage_and_repair(const side_t *side, const char *damage)
{
    ubal_repair_t repair = {0};
    apr_array_header_t *changes =
        apr_array_make(pool, 4, sizeof(ubal_repaired_t));
    int is_over = 0;

    use(side);
    sql(damage);
    while (!is_over) {
        begin();
        must(
            ubal_repair_next(&is_over, changes, &repair, db, SINCE + 9, pool));
        commit();
    }
}

static void change_both(void)
{
    static const char *const damages[] = {
        "UPDATE balances SET earned = earned + 1 WHERE user_id = 'u1'",
        "DELETE FROM sums WHERE user_id = 'u0' AND level > 1",
        "UPDATE sums SET n = n + 1, spent = 5 WHERE level = 0",
        "DELETE FROM balances WHERE user_id = 'u3'",
    };
    const char *damage = damages[dice(4)];
    int i, what = (int)dice(4), place = (int)dice(40);

    for (i = 0; i < SIDES; i++) {
        if (what == 0) {
            damage_and_repair(&sides[i], damage);
        } else {
            decide(&sides[i], place, what == 1);
        }
    }
}

/* --- what they hold ---------------------------------------------------------
 */

static const char *lines_of(const char *text)
{
    sqlite3 *handle;
    sqlite3_stmt *stmt;
    const char *all = "";

    if (pg.server) {
        pgsql_session_t session = pgsql_connect(&pg, NULL);

        all = pgsql_text(&pg, &session, text);
        pgsql_close(&session);
        return all ? apr_pstrcat(pool, all, "\n", NULL) : "";
    }
    handle = other();
    sqlite3_prepare_v2(handle, text, -1, &stmt, NULL);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        all = apr_pstrcat(pool, all, sqlite3_column_text(stmt, 0), "\n", NULL);
    }
    sqlite3_finalize(stmt);
    sqlite3_close(handle);
    return all;
}

/* The text of the first line that is not the same. */
static void show_difference(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    printf("# SQLite: ...%.200s\n# PostgreSQL: ...%.200s\n", a, b);
}

/* A digest of all rows: whole tables as one text would take long to make. */
static void test_contents(void)
{
    static const struct {
        const char *table, *rows;
    } tables[] = {
        {"transactions", "vendor || ' ' || id || ' ' || user_id || ' ' || "
                         "created_at || ' ' || type || ' ' || amount || ' ' "
                         "|| commit_seq"},
        {"balances", "user_id || ' ' || earned || ' ' || spent || ' ' || "
                     "payout || ' ' || paid_out || ' ' || n || ' ' || "
                     "changed_at"},
        {"sums", "user_id || ' ' || level || ' ' || bucket || ' ' || n || "
                 "' ' || earned || ' ' || spent || ' ' || payout || ' ' || "
                 "paid_out"},
        {"dead_letters", "key || ' ' || digest || ' ' || kind || ' ' || "
                         "state || ' ' || reason || ' ' || "
                         "COALESCE(item_id, '-') || ' ' || at"},
        {"coverage", "has_dead || ' ' || has_conflicts || ' ' || commit_seq"},
    };
    size_t i;

    for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        const char *text =
            apr_pstrcat(pool, "SELECT ", tables[i].rows, " FROM ",
                        tables[i].table, " ORDER BY 1", NULL);
        const char *of[SIDES];

        use(&sides[0]);
        of[0] = lines_of(text);
        use(&sides[1]);
        of[1] = lines_of(text);
        if (!tap_ok(!strcmp(of[0], of[1]) && *of[0], "both have the same %s",
                    tables[i].table)) {
            show_difference(of[0], of[1]);
        }
    }
}

static void test_sound(const side_t *side)
{
    const char *finding = NULL;
    int i;

    use(side);
    /* what was not fetched is not in the ledger of requests */
    for (i = 0; i < ubal_verify_count && !finding; i++) {
        if (strcmp(ubal_verify_checks[i].title,
                   "the requests brought what is stored")) {
            must(ubal_verify_run(&finding, db, i, 2, pool));
        }
    }
    tap_is_str(finding, NULL, "%s is sound",
               pg.server ? "PostgreSQL" : "SQLite");
}

/* What is promised has happened at all. */
static void test_reached(void)
{
    static const char *const questions[] = {
        "SELECT COUNT(*) FROM sums WHERE level = 8",
        "SELECT COUNT(*) FROM dead_letters WHERE kind = 'conflict'",
        "SELECT COUNT(*) FROM dead_letters WHERE state = 'superseded'",
        "SELECT COUNT(*) FROM dead_letters WHERE state = 'dropped'",
        "SELECT COUNT(*) FROM dead_letters WHERE state = 'replayed'",
        "SELECT COUNT(*) FROM dead_letters WHERE reason LIKE '%, and now: %'",
        "SELECT COUNT(*) FROM dead_letters WHERE item_id IS NULL",
        "SELECT COUNT(*) FROM balances WHERE n > 1000",
    };
    size_t i;

    use(&sides[1]);
    for (i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        tap_ok(number(questions[i]) > 0, "%s: some", questions[i]);
    }
}

static void test_seed(unsigned int first, int rounds)
{
    int round;

    seed = first;
    for (round = 1; round <= rounds; round++) {
        test_page(round);
        if (dice(3) == 0) {
            change_both();
        }
    }
    printf("# seed %u\n", first);
    test_contents();
    test_sound(&sides[0]);
    test_sound(&sides[1]);
    test_reached();
}

int main(void)
{
    const char *wanted = getenv("SEED"), *rounds = getenv("ROUNDS");

    if (!is_pgsql()) {
        printf("1..0 # SKIP of two databases\n");
        return 0;
    }
    fixture_begin_empty();
    make_side(&sides[1]);
    pg.server = NULL;
    path = sqlite_path();
    make_side(&sides[0]);
    test_seed(wanted ? (unsigned int)(int)strtol(wanted, NULL, 10) : 5,
              rounds ? (int)strtol(rounds, NULL, 10) : 60);
    use(&sides[0]);
    remove_database();
    rmdir(apr_pstrndup(pool, path, strlen(path) - 8));
    use(&sides[1]);
    fixture_end();
    return tap_done();
}
