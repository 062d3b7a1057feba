/* What operators ask: the state of the whole, in one snapshot. */
#ifndef UBAL_STORE_STATUS_H
#define UBAL_STORE_STATUS_H

#include <apr_tables.h>

#include "store/db.h"
#include "store/read.h"

typedef struct ubal_status_vendor_t {
    const char *name;
    apr_int64_t since, as_of; /* us; 0: not known */
    int is_retired;
    apr_int64_t windows_open, windows_parked;
    apr_int64_t requests;        /* ever */
    apr_int64_t failed_requests; /* ever */
    apr_int64_t last_request;    /* wall clock us; 0: none */
    const char *last_fault;      /* of the last request; NULL: it went well */
    apr_int64_t dead, conflicts; /* open dead letters */
} ubal_status_vendor_t;

typedef struct ubal_status_t {
    int schema, scale;
    const char *owner_host; /* NULL: never owned */
    apr_int64_t owner_pid;
    ubal_coverage_t coverage;
    apr_int64_t transactions, users;
    apr_array_header_t *vendors; /* of ubal_status_vendor_t */
} ubal_status_t;

ubal_error_t *ubal_status_read(ubal_status_t **status, ubal_db_t *db,
                               apr_pool_t *pool);

#endif
