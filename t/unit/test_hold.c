/* What a vendor asks for with Retry-After or 429 holds for whoever fetches
 * next: in the same boot by its clock, in another by the wall clock. */
#include "hold.h"
#include "owner.h"
#include "store_fixture.h"

#define PERIOD (60 * UBAL_TIME_SECOND)

static void save(int status, apr_int64_t retry_after, apr_int64_t ended)
{
    ubal_reply_t reply = {.status = status, .retry_after = retry_after};

    begin();
    must(ubal_hold_save(db, "account", "boot a", ended, &reply, PERIOD, pool));
    commit();
}

static apr_int64_t until(const char *account, const char *boot)
{
    apr_int64_t at;

    must(ubal_hold_read(&at, db, account, boot, pool));
    return at;
}

int main(void)
{
    apr_int64_t now, at;

    fixture_begin();
    now = ubal_owner_now();
    tap_is_int(until("account", "boot a"), 0, "nothing was asked for");
    save(500, -1, now);
    tap_is_int(until("account", "boot a"), 0, "a plain failure asks nothing");
    save(429, -1, now);
    tap_is_int(until("account", "boot a"), now + PERIOD,
               "a bare 429 is for a period");
    save(503, 3600 * UBAL_TIME_SECOND, now);
    tap_is_int(until("account", "boot a"), now + 3600 * UBAL_TIME_SECOND,
               "Retry-After is as long as it says");
    tap_is_int(until("other", "boot a"), 0, "another account is free");
    at = until("account", "boot") - ubal_owner_now();
    tap_ok(at > 3500 * UBAL_TIME_SECOND && at <= 3600 * UBAL_TIME_SECOND,
           "in another boot what is left of it is waited");
    sql("UPDATE ubal_meta SET value = '5 7000000 9999999999999999 boot a' "
        "WHERE key = 'hold account'");
    at = until("account", "boot b") - ubal_owner_now();
    tap_ok(at > 0 && at <= 7 * UBAL_TIME_SECOND,
           "a wall clock that is wrong makes it no longer than was asked");
    sql("UPDATE ubal_meta SET value = '5 7000000 1 boot a' "
        "WHERE key = 'hold account'");
    tap_is_int(until("account", "boot b"), 0, "and it ends");
    fixture_end();
    return tap_done();
}
