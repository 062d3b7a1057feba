/* The demo vendor's replies as only a fault makes them. */
#ifndef DEMO_FAULTY_H
#define DEMO_FAULTY_H

#include <httpd.h>
#include <util_filter.h>

#include "demo_fault.h"

/* Waits, where `faults` say so, and gives the reply that they put in the
 * place of the right one. Returns DECLINED where there is none; else what a
 * handler returns. */
int demo_faulty_answer(request_rec *r, const demo_faults_t *faults);

/* Sends `body`, JSON, as `faults` would have it: whole, cut, or slowly. */
int demo_faulty_send(request_rec *r, apr_bucket_brigade *body,
                     const demo_faults_t *faults);

#endif
