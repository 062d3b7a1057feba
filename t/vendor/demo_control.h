/* What tests ask of the demo vendor's memory: …/arrivals and …/fault. */
#ifndef DEMO_CONTROL_H
#define DEMO_CONTROL_H

#include <httpd.h>

#include "demo_ledger.h"

/* Answers GET …/arrivals; `period` is that of the limit. */
int demo_control_arrivals(request_rec *r, demo_account_t *account,
                          int64_t period);

/* Answers …/fault: sets the faults named in `args`, clears, and lists what is
 * set. */
int demo_control_fault(request_rec *r, demo_account_t *account,
                       apr_table_t *args);

#endif
