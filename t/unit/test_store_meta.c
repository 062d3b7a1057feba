/* The database is migrated by number, has one scale for ever, one owner at a
 * time, and vendors that come, go and return. */
#include "store/vendor_row.h"
#include "store_fixture.h"

static void test_migrate(void)
{
    int before = -1, after = -1;

    must(ubal_db_open(&db, driver(), params(), pool));
    must(ubal_meta_migrate(db, &before, &after, pool));
    tap_is_int(before, 0, "an empty database has schema 0");
    tap_is_int(after, ubal_migration_count, "and gets this program's");
    must(ubal_meta_migrate(db, &before, &after, pool));
    tap_is_int(before, after, "again there is nothing to do");
    tap_is_int(number("SELECT schema FROM coverage"), after,
               "readers find the schema beside the coverage");
    sql("UPDATE ubal_meta SET value = '99' WHERE key = 'schema'");
    fails(ubal_meta_migrate(db, &before, &after, pool), UBAL_ERR_CONFIG,
          "schema 99, this program knows schemas up to",
          "a newer schema is refused, with both versions");
    sql(apr_psprintf(pool,
                     "UPDATE ubal_meta SET value = '%d' WHERE key = 'schema'",
                     ubal_migration_count));
    sql("DROP TABLE ubal_meta");
    fails(ubal_meta_migrate(db, &before, &after, pool), UBAL_ERR_DB,
          "already exists", "a migration that fails says so");
    tap_is_int(number(pg.server ? "SELECT COUNT(*) FROM pg_class "
                                  "WHERE relname = 'ubal_meta'"
                                : "SELECT COUNT(*) FROM sqlite_schema "
                                  "WHERE name = 'ubal_meta'"),
               0, "and leaves nothing of it");
}

static void test_scale(void)
{
    ubal_owner_t other_owner;

    fails(ubal_meta_take_over(&other_owner, db, 3, "h", 1, pool),
          UBAL_ERR_CONFIG, "scale 2, UbalScale says 3",
          "another scale is refused, with both");
    begin();
    commit();
    tap_ok(1, "and the owner stays the owner");
}

static void test_fence(void)
{
    ubal_owner_t next;
    ubal_db_t *second;

    must(ubal_db_open(&second, driver(), params(), pool));
    must(ubal_meta_take_over(&next, second, 2, "elsewhere", 77, pool));
    tap_is_str(next.previous, owner.token,
               "a new owner learns the last token");
    tap_ok(strlen(next.token) == UBAL_TOKEN_LENGTH &&
               strcmp(next.token, owner.token) != 0,
           "and has one of its own");
    tap_ok(!memcmp(next.account_key, owner.account_key, 16),
           "accounts are digested under the same key");
    fails(ubal_meta_begin(db, &owner, pool), UBAL_ERR_FENCED, "another owner",
          "the former owner cannot write");
    must(ubal_meta_begin(second, &next, pool));
    must(ubal_db_commit(second, pool));
    tap_ok(1, "the refused transaction holds no lock");
    owner = next;
}

static ubal_vendor_row_t find(const char *name)
{
    ubal_vendor_row_t row;

    must(ubal_vendor_row_settle(&row, db, name, pool));
    return row;
}

static apr_int64_t as_of(void)
{
    must(ubal_meta_update_coverage(db, pool));
    commit();
    begin();
    return number("SELECT as_of FROM coverage");
}

static void done_to(const ubal_vendor_row_t *row, apr_int64_t to)
{
    ubal_window_t window = {.from = row->since,
                            .to = to,
                            .state = UBAL_WINDOW_DONE,
                            .next_page = 1,
                            .total = -1,
                            .accepted = -1};

    must(ubal_window_save(db, row->id, &window, pool));
}

static void test_vendors(void)
{
    ubal_settings_t *settings = ubal_settings_make(pool);
    ubal_vendor_row_t game, pay;

    begin();
    game = find("game");
    tap_ok(game.id && !game.since && !game.as_of && !game.largest_page,
           "a new vendor knows nothing");
    game.since = SINCE;
    game.largest_page = 1000;
    must(ubal_vendor_row_save(db, &game, pool));
    tap_ok(find("game").since == SINCE && find("game").largest_page == 1000 &&
               find("game").id == game.id,
           "what is saved is found by its name");
    done_to(&game, SINCE + 50);
    tap_is_int(as_of(), SINCE + 50, "one vendor's as-of is that of all");
    pay = find("pay");
    tap_is_int(as_of(), 0, "a second that has none takes it away");
    pay.since = SINCE + 10;
    must(ubal_vendor_row_save(db, &pay, pool));
    done_to(&pay, SINCE + 30);
    tap_is_int(as_of(), SINCE + 30, "of two, the earlier counts");
    tap_is_int(number("SELECT since FROM coverage"), SINCE + 10,
               "and the later since");
    APR_ARRAY_PUSH(settings->vendors, ubal_vendor_t *) =
        ubal_vendor_make("game", pool);
    must(ubal_vendor_row_retire(db, settings, pool));
    tap_is_int(as_of(), SINCE + 50, "a retired vendor holds nothing back");
    tap_is_int(find("pay").as_of, SINCE + 30, "it returns as it was");
    tap_is_int(as_of(), SINCE + 30, "and counts again");
    must(ubal_vendor_row_retire(db, ubal_settings_make(pool), pool));
    tap_is_int(as_of(), SINCE + 30,
               "with no vendor left, what was covered stays covered");
    commit();
}

/* A correction of where coverage begins cannot leave a hole behind. */
static void test_since(void)
{
    ubal_vendor_row_t game;

    begin();
    game = find("game");
    game.since = SINCE - 100;
    must(ubal_vendor_row_save(db, &game, pool));
    tap_is_int(as_of(), SINCE - 100, "as-of begins anew where since moved to");
    done_to(&game, SINCE);
    tap_is_int(as_of(), SINCE + 50, "until the windows meet");
    commit();
}

/* The fields that ids are made of may change as long as nothing is stored. */
static void test_id_fields(void)
{
    ubal_vendor_row_t first, second;

    begin();
    first = find("first");
    second = find("second");
    must(ubal_vendor_row_settle_id(db, &first, "first", "id", pool));
    must(ubal_vendor_row_settle_id(db, &first, "first", "id type", pool));
    must(ubal_vendor_row_settle_id(db, &second, "second", "uuid", pool));
    commit();
    sql(apr_psprintf(pool,
                     "INSERT INTO transactions VALUES (%d, 'a', 'u', 0, 0, 0,"
                     " 0)",
                     (int)first.id));
    begin();
    must(ubal_vendor_row_settle_id(db, &first, "first", "id type", pool));
    must(ubal_vendor_row_settle_id(db, &second, "second", "id", pool));
    tap_ok(1, "they may stay, and another vendor's change");
    fails(ubal_vendor_row_settle_id(db, &first, "first", "id", pool),
          UBAL_ERR_CONFIG, "UbalMap id id type: under UbalMap id id they",
          "but not of transactions that are stored");
    commit();
    sql("DELETE FROM ubal_meta WHERE key LIKE 'id%'");
    begin();
    fails(ubal_vendor_row_settle_id(db, &first, "first", "id type", pool),
          UBAL_ERR_CONFIG, "UbalMap id id: under", "without a note it was id");
    must(ubal_vendor_row_settle_id(db, &first, "first", "id", pool));
    commit();
    sql("DELETE FROM transactions");
}

int main(void)
{
    fixture_begin_empty();
    test_migrate();
    apr_pool_destroy(db->pool);
    remove_database();
    own();
    test_scale();
    test_fence();
    test_vendors();
    test_since();
    test_id_fields();
    fixture_end();
    return tap_done();
}
