/* The demo vendor's memory: the arrivals of each account, counted against its
 * limit, and the faults set for it. Shared by all of httpd's processes, kept
 * over restarts of httpd (not over a stop). */
#ifndef DEMO_LEDGER_H
#define DEMO_LEDGER_H

#include <httpd.h>

#include "demo_fault.h"

/* So many arrivals are remembered; a limit must be below. */
#define DEMO_LEDGER_ARRIVALS 65536

/* Times are CLOCK_BOOTTIME in microseconds. */
typedef struct {
    int64_t arrived;
    int64_t ended; /* 0 until the reply was sent or given up */
    int64_t status;
} demo_arrival_t;

typedef struct {
    char name[128];
    int64_t count; /* arrivals so far; number i is at i % ARRIVALS */
    demo_arrival_t arrivals[DEMO_LEDGER_ARRIVALS];
    demo_faults_t faults;
} demo_account_t;

/* Makes the memory, the first time. To be called before children start. */
apr_status_t demo_ledger_open(void);

/* The account called `name`, made where there is none; NULL where there are
 * too many or the name is too long. */
demo_account_t *demo_ledger_account(const char *name);

/* Counts an arrival, now, as number `*number`. Returns 0 where no more than
 * `limit` arrived in the last `period` microseconds, this one and refused
 * ones included; else the microseconds until one would be let in. */
int64_t demo_ledger_arrive(int64_t *number, demo_account_t *account,
                           int64_t limit, int64_t period);

/* Notes the end of arrival `number`, now. Returns it as it then is. */
demo_arrival_t demo_ledger_end(demo_account_t *account, int64_t number,
                               int status);

/* The greatest number of remembered arrivals in any `period`. The caller
 * holds the lock. */
int64_t demo_ledger_most(const demo_account_t *account, int64_t period);

/* Around any other use of an account's fields. */
void demo_ledger_lock(void);
void demo_ledger_unlock(void);

#endif
