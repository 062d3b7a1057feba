/* Held snapshots. See linger.h. */
#include "store/linger.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include <apr_strings.h>

#include "core/signals.h"
#include "store/db.h"

/* So many questions within so many ns, or a tick of the coarse clock where
 * that is longer (up to 10 ms), are worth waking the thread that gives the
 * lock back. */
#define BUSY 16
#define TICK 4000000

/* How long the connection stays open without use (us): no longer, as it would
 * keep a file that was replaced. */
#define OPEN 100000

struct ubal_linger_t {
    const char *path;
    apr_pool_t *pool; /* the connection's owner, for the holder of `lock` */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t begun;  /* or is_ending was set */
    ubal_db_t *db;         /* NULL: it is not open */
    struct timespec until; /* when the lock is given back, or db is closed */
    int is_ending;
    atomic_int is_held; /* a snapshot's lock, by `db` */
    atomic_long tick;   /* the one in which questions are counted */
    atomic_int count;
};

static struct timespec after(apr_int64_t us)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_nsec += us * 1000;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

static int is_past(const struct timespec *time)
{
    struct timespec now = after(0);

    return now.tv_sec > time->tv_sec ||
           (now.tv_sec == time->tv_sec && now.tv_nsec >= time->tv_nsec);
}

/* Gives the lock back, and keeps the connection for the next time; where that
 * does not come, closes it. */
static void step_back(ubal_linger_t *linger)
{
    apr_pool_t *pool;

    if (atomic_load(&linger->is_held)) {
        apr_pool_create(&pool, linger->pool);
        ubal_db_rollback(linger->db, pool);
        apr_pool_destroy(pool);
        atomic_store(&linger->is_held, 0);
        linger->until = after(OPEN);
    } else {
        apr_pool_destroy(linger->db->pool);
        linger->db = NULL;
    }
}

static void *give_back(void *data)
{
    ubal_linger_t *linger = data;
    struct timespec until;

    pthread_mutex_lock(&linger->lock);
    while (!linger->is_ending) {
        if (!linger->db) {
            pthread_cond_wait(&linger->begun, &linger->lock);
        } else if (is_past(&linger->until)) {
            step_back(linger);
        } else {
            until = linger->until; /* which others set while this waits */
            pthread_cond_timedwait(&linger->begun, &linger->lock, &until);
        }
    }
    while (linger->db) {
        step_back(linger);
    }
    pthread_mutex_unlock(&linger->lock);
    return NULL;
}

static apr_status_t end(void *data)
{
    ubal_linger_t *linger = data;

    pthread_mutex_lock(&linger->lock);
    linger->is_ending = 1;
    pthread_cond_signal(&linger->begun);
    pthread_mutex_unlock(&linger->lock);
    pthread_join(linger->thread, NULL);
    apr_pool_destroy(linger->pool);
    return APR_SUCCESS;
}

static int start(ubal_linger_t *linger)
{
    sigset_t before;
    int rv;

    ubal_signals_block(&before);
    rv = pthread_create(&linger->thread, NULL, give_back, linger);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rv;
}

ubal_linger_t *ubal_linger_make(const char *path, apr_pool_t *pool)
{
    ubal_linger_t *linger = apr_pcalloc(pool, sizeof(*linger));
    pthread_condattr_t monotonic;

    linger->path = apr_pstrdup(pool, path);
    apr_pool_create_unmanaged_ex(&linger->pool, NULL, NULL);
    pthread_mutex_init(&linger->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&linger->begun, &monotonic);
    if (start(linger)) {
        return NULL;
    }
    apr_pool_pre_cleanup_register(pool, linger, end);
    return linger;
}

/* Whether this is one of many questions within a moment. Threads may miscount;
 * it is a guess. */
static int is_busy(ubal_linger_t *linger)
{
    struct timespec now;
    long tick;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    tick = now.tv_nsec / TICK;
    if (atomic_load_explicit(&linger->tick, memory_order_relaxed) != tick) {
        atomic_store_explicit(&linger->tick, tick, memory_order_relaxed);
        atomic_store_explicit(&linger->count, 0, memory_order_relaxed);
    }
    return atomic_fetch_add_explicit(&linger->count, 1,
                                     memory_order_relaxed) >= BUSY;
}

/* Takes the lock by the first thing that is read in a transaction. */
static ubal_error_t *hold(ubal_linger_t *linger, apr_pool_t *pool)
{
    ubal_error_t *err =
        ubal_db_follow(&linger->db, linger->path, linger->pool, pool);

    if (!err) {
        err = ubal_db_begin_read(linger->db, pool);
    }
    if (!err) {
        atomic_store(&linger->is_held, 1);
        err = ubal_db_script(linger->db, "SELECT 1 FROM sqlite_schema LIMIT 1",
                             pool);
    }
    return err;
}

static void try_to_hold(ubal_linger_t *linger)
{
    apr_pool_t *pool;
    ubal_error_t *err;

    apr_pool_create(&pool, linger->pool);
    err = hold(linger, pool);
    linger->until = after(err ? 0 : UBAL_LINGER_HOLD);
    pthread_cond_signal(&linger->begun);
    apr_pool_destroy(pool);
}

void ubal_linger_touch(ubal_linger_t *linger)
{
    if (atomic_load_explicit(&linger->is_held, memory_order_relaxed) ||
        !is_busy(linger) || pthread_mutex_trylock(&linger->lock)) {
        return;
    }
    if (!atomic_load(&linger->is_held) && !linger->is_ending) {
        try_to_hold(linger);
    }
    pthread_mutex_unlock(&linger->lock);
}
