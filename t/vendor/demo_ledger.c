/* The demo vendor's memory, see demo_ledger.h. Knows of httpd only how to
 * keep a pointer over restarts. */
#include "demo_ledger.h"

#include <apr_strings.h>
#include <errno.h>
#include <http_config.h>
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>

#define ACCOUNTS 16

typedef struct {
    pthread_mutex_t lock;
    demo_account_t accounts[ACCOUNTS];
} ledger_t;

static ledger_t *ledger;

static int64_t boottime(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int lock_init(pthread_mutex_t *lock)
{
    pthread_mutexattr_t attr;
    int rc;

    /* Robust: tests kill children with -9, one of them in here some day. */
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    rc = pthread_mutex_init(lock, &attr);
    pthread_mutexattr_destroy(&attr);
    return rc;
}

apr_status_t demo_ledger_open(void)
{
    /* A restart unloads this module, and its statics with it. */
    ledger_t **kept = ap_retained_data_get("ubal_demo_ledger");

    if (!kept) {
        void *memory = mmap(NULL, sizeof(ledger_t), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        if (memory == MAP_FAILED) {
            return errno;
        }
        if (lock_init(&((ledger_t *)memory)->lock)) {
            return APR_EGENERAL;
        }
        kept = ap_retained_data_create("ubal_demo_ledger", sizeof(ledger_t *));
        *kept = memory;
    }
    ledger = *kept;
    return APR_SUCCESS;
}

void demo_ledger_lock(void)
{
    if (pthread_mutex_lock(&ledger->lock) == EOWNERDEAD) {
        pthread_mutex_consistent(&ledger->lock);
    }
}

void demo_ledger_unlock(void)
{
    pthread_mutex_unlock(&ledger->lock);
}

demo_account_t *demo_ledger_account(const char *name)
{
    demo_account_t *account = ledger->accounts;
    demo_account_t *end = account + ACCOUNTS;

    if (strlen(name) >= sizeof(account->name)) {
        return NULL;
    }
    demo_ledger_lock();
    while (account < end && *account->name &&
           strcmp(account->name, name) != 0) {
        account++;
    }
    if (account < end) {
        apr_cpystrn(account->name, name, sizeof(account->name));
    }
    demo_ledger_unlock();
    return account < end ? account : NULL;
}

static demo_arrival_t *arrival(demo_account_t *account, int64_t number)
{
    return &account->arrivals[number % DEMO_LEDGER_ARRIVALS];
}

int64_t demo_ledger_arrive(int64_t *number, demo_account_t *account,
                           int64_t limit, int64_t period)
{
    int64_t now, wait = 0;

    demo_ledger_lock();
    /* Under the lock, so that arrivals are in the order of their times. */
    now = boottime();
    *number = account->count++;
    *arrival(account, *number) = (demo_arrival_t){now, 0, 0};
    if (*number >= limit &&
        now - arrival(account, *number - limit)->arrived < period) {
        wait = arrival(account, *number + 1 - limit)->arrived + period - now;
    }
    demo_ledger_unlock();
    return wait;
}

demo_arrival_t demo_ledger_end(demo_account_t *account, int64_t number,
                               int status)
{
    demo_arrival_t *entry = arrival(account, number), ended;

    demo_ledger_lock();
    if (account->count - number <= DEMO_LEDGER_ARRIVALS) {
        entry->ended = boottime();
        entry->status = status;
    }
    ended = *entry;
    demo_ledger_unlock();
    return ended;
}

int64_t demo_ledger_most(const demo_account_t *account, int64_t period)
{
    int64_t last, first, most = 0;

    first = account->count > DEMO_LEDGER_ARRIVALS
                ? account->count - DEMO_LEDGER_ARRIVALS
                : 0;
    for (last = first; last < account->count; last++) {
        const demo_arrival_t *of = account->arrivals;

        while (of[last % DEMO_LEDGER_ARRIVALS].arrived -
                   of[first % DEMO_LEDGER_ARRIVALS].arrived >=
               period) {
            first++;
        }
        most = last - first + 1 > most ? last - first + 1 : most;
    }
    return most;
}
