/* Lists are read by keyset as of one commit; which history a commit is of, its
 * owner tells. Outstanding payouts are those above zero. */
#include "store_fixture.h"

#include "store/list.h"
#include "store/outstanding.h"

static ubal_list_t list_of(const char *user)
{
    ubal_list_t list = {.user_id = user,
                        .to = APR_INT64_MAX,
                        .type = -1,
                        .limit = 10,
                        .commit_seq = UBAL_LIST_NOW};

    return list;
}

static ubal_list_page_t read_list(const ubal_list_t *list)
{
    ubal_list_page_t page;

    must(ubal_list_read(&page, db, list, 2, pool));
    return page;
}

static const ubal_list_row_t *row_at(const ubal_list_page_t *page, int i)
{
    return &APR_ARRAY_IDX(page->rows, i, const ubal_list_row_t);
}

/* The ids of a page, with a "+" behind where there are more. */
static const char *ids_of(const ubal_list_t *list)
{
    ubal_list_page_t page = read_list(list);
    const char *ids = "";
    int i;

    for (i = 0; i < page.rows->nelts; i++) {
        ids = apr_pstrcat(pool, ids, row_at(&page, i)->place.id, NULL);
    }
    return apr_pstrcat(pool, ids, page.has_more ? "+" : "", NULL);
}

static void store_some(void)
{
    ubal_page_t *page = new_page();

    add(page, "c", "12", 5, UBAL_TYPE_PAYOUT, 300);
    add(page, "a", "12", 5, UBAL_TYPE_EARNED, 100);
    add(page, "b", "12", 5, UBAL_TYPE_EARNED, -200);
    add(page, "d", "12", 1, UBAL_TYPE_SPENT, 400);
    add(page, "x", "13", 5, UBAL_TYPE_PAYOUT, 1);
    store(page);
}

static void test_order(void)
{
    ubal_list_t list = list_of("12");

    tap_is_str(ids_of(&list), "cbad", "newest first, ids within an instant");
    list.is_ascending = 1;
    tap_is_str(ids_of(&list), "dabc", "oldest first");
    list.limit = 3;
    tap_is_str(ids_of(&list), "dab+", "a page, and that there are more");
    list.limit = 4;
    tap_is_str(ids_of(&list), "dabc", "a page that is just full");
    list.has_after = 1;
    list.after =
        (ubal_list_place_t){SINCE + 5 * UBAL_TIME_SECOND, vendor.id, "a"};
    tap_is_str(ids_of(&list), "bc", "after a row within an instant");
    list.is_ascending = 0;
    tap_is_str(ids_of(&list), "d", "... the other way");
    list.after.id = "bb";
    tap_is_str(ids_of(&list), "bad", "after a row that is not there");
}

static void test_filters(void)
{
    ubal_list_t list = list_of("12");

    list.type = UBAL_TYPE_EARNED;
    tap_is_str(ids_of(&list), "ba", "one type");
    list.type = -1;
    list.from = SINCE + 5 * UBAL_TIME_SECOND;
    tap_is_str(ids_of(&list), "cba", "from is within");
    list.to = list.from;
    tap_is_str(ids_of(&list), "", "to is not");
    list.from = 0;
    tap_is_str(ids_of(&list), "d", "... and bounds the newest");
    list.is_ascending = 1;
    tap_is_str(ids_of(&list), "d", "... and the oldest");
}

static void test_row(void)
{
    ubal_list_t list = list_of("12");
    ubal_list_page_t page = read_list(&list);
    const ubal_list_row_t *row = row_at(&page, 1);

    tap_ok(row->place.created_at == SINCE + 5 * UBAL_TIME_SECOND &&
               row->place.vendor == vendor.id &&
               row->type == UBAL_TYPE_EARNED && row->amount == -200,
           "a row as it was stored");
    tap_is_int(page.is_known, 1, "a user with transactions is known");
    list = list_of("99");
    page = read_list(&list);
    tap_is_int(page.is_known, 0, "one without is not");
    tap_is_int(page.rows->nelts, 0, "... and has none");
    fails(ubal_list_read(&page, db, &list, 3, pool), UBAL_ERR_CONFIG, "scale",
          "another scale is refused");
}

/* As of a commit, through commits and owners that come after it. */
static void test_commits(void)
{
    ubal_list_t list = list_of("12");
    ubal_list_page_t first = read_list(&list), page;

    list.commit_seq = first.commit_seq;
    own();
    tap_is_str(read_list(&list).owner, first.owner,
               "a new owner changes nothing of what was committed");
    page = read_list(&list);
    tap_is_int(page.is_commit_known, 1, "the commit is known");
    store_some();
    {
        ubal_page_t *late = new_page();

        add(late, "e", "12", 3, UBAL_TYPE_EARNED, 1);
        add(late, "f", "12", 9, UBAL_TYPE_EARNED, 1);
        store(late);
    }
    tap_is_str(ids_of(&list), "cbad", "what came later is not among them");
    tap_is_str(read_list(&list).owner, first.owner, "... whoever committed");
    list.commit_seq = UBAL_LIST_NOW;
    page = read_list(&list);
    tap_is_str(ids_of(&list), "fcbaed", "it is among the latest");
    tap_ok(strcmp(page.owner, first.owner) != 0 &&
               !strcmp(page.owner, owner.token),
           "... whose owner is the new one");
    list.commit_seq = page.commit_seq + 1;
    page = read_list(&list);
    tap_is_int(page.is_commit_known, 0, "a commit to come is not known");
    tap_is_int(page.rows->nelts, 0, "... and shows nothing");
}

/* Owners who commit nothing leave one row. */
static void test_owners(void)
{
    long long before = number("SELECT COUNT(*) FROM owners");
    int i;

    for (i = 0; i < 5; i++) {
        own();
    }
    tap_is_int(number("SELECT COUNT(*) FROM owners"), before + 1,
               "owners without a commit do not add up");
}

static void test_outstanding(void)
{
    ubal_outstanding_page_t page;

    must(ubal_outstanding_read(&page, db, "", 1, 2, pool));
    tap_ok(page.users->nelts == 1 && page.has_more, "a page of users");
    must(ubal_outstanding_read(&page, db, "12", 1, 2, pool));
    tap_ok(
        page.users->nelts == 1 && !page.has_more &&
            !strcmp(APR_ARRAY_IDX(page.users, 0, ubal_outstanding_t).user_id,
                    "13"),
        "... and the rest");
}

int main(void)
{
    fixture_begin();
    store_some();
    test_order();
    test_filters();
    test_row();
    test_commits();
    test_owners();
    test_outstanding();
    fixture_end();
    return tap_done();
}
