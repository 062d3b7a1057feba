/* Differences that nobody can explain are accepted after two readings, and
 * not chased again until they change. */
#include "recon.h"

#include <apr_general.h>

#include "tap.h"

static apr_pool_t *pool;

static ubal_recon_t make(void)
{
    ubal_recon_t recon = {0};

    ubal_recon_make(&recon, pool);
    return recon;
}

/* Counts [100, 200), one window, whose difference is `difference`, and notes
 * that it is read again as window 7. */
static void read_window(ubal_recon_t *recon, apr_int64_t difference)
{
    if (!ubal_recon_top(recon)) {
        ubal_recon_add(recon, 100, 200);
    }
    ubal_recon_top(recon)->middle = 200;
    ubal_recon_counted(recon, difference);
    ubal_recon_read(recon, 7);
}

static void test_halves(void)
{
    ubal_recon_t recon = make();
    ubal_recon_range_t *top;
    apr_int64_t from, to;

    ubal_recon_add(&recon, 0, 800);
    ubal_recon_top(&recon)->middle = 400;
    ubal_recon_ask(&from, &to, &recon);
    tap_ok(from == 0 && to == 800, "first the whole range is counted");
    ubal_recon_counted(&recon, 3);
    tap_ok(ubal_recon_top(&recon)->middle == 0, "then it is to be halved");
    ubal_recon_top(&recon)->middle = 400;
    ubal_recon_ask(&from, &to, &recon);
    tap_ok(from == 0 && to == 400, "and its first half is counted");
    ubal_recon_counted(&recon, 1);
    top = ubal_recon_top(&recon);
    tap_ok(top->from == 0 && top->to == 400 && top->difference == 1 &&
               top->is_known,
           "which has one of three");
    ubal_recon_drop(&recon);
    top = ubal_recon_top(&recon);
    tap_ok(top->from == 400 && top->to == 800 && top->difference == 2 &&
               top->is_known,
           "the second half's two need no request");
    ubal_recon_drop(&recon);
    ubal_recon_add(&recon, 0, 800);
    ubal_recon_counted(&recon, 0);
    tap_ok(!ubal_recon_top(&recon), "no difference: nothing is left to do");
    tap_is_int(recon.requests, 3, "requests are counted");
}

static void test_drift(void)
{
    ubal_recon_t recon = make();

    read_window(&recon, 5);
    tap_is_int(ubal_recon_drift(&recon, 7, 1), 0,
               "one reading that explains nothing is not enough");
    ubal_recon_reread(&recon, 7, 100, 200, 1);
    tap_ok(ubal_recon_top(&recon) != NULL, "it is counted once more");
    read_window(&recon, 5);
    tap_is_int(ubal_recon_drift(&recon, 7, 1), 5,
               "the second says that it is to be accepted");
    ubal_recon_reread(&recon, 7, 100, 200, 1);
    tap_ok(!ubal_recon_top(&recon), "and not looked at again");
    tap_is_int(ubal_recon_drift(&recon, 7, 1), 0, "it is forgotten");
}

static void test_change(void)
{
    ubal_recon_t recon = make();

    read_window(&recon, 5);
    ubal_recon_reread(&recon, 7, 100, 200, 1);
    read_window(&recon, 4);
    tap_is_int(ubal_recon_drift(&recon, 7, 1), 0,
               "a difference that changes is read twice more");
    tap_is_int(ubal_recon_drift(&recon, 7, 0), 0,
               "a reading that explains it leaves nothing");
    ubal_recon_reread(&recon, 7, 100, 200, 0);
    tap_ok(!ubal_recon_top(&recon), "then there is no more to do");
    ubal_recon_reread(&recon, 8, 0, 100, 1);
    tap_ok(!ubal_recon_top(&recon), "nor for a window that looked back");
    ubal_recon_add(&recon, 0, 100);
    ubal_recon_forget(&recon);
    tap_ok(!ubal_recon_top(&recon), "all is forgotten where windows change");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_halves();
    test_drift();
    test_change();
    apr_terminate();
    return tap_done();
}
