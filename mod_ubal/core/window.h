/* A window: a half-open range of createdAt that is fetched page by page.
 * Shared by the planner, which is pure, and the store. Data only. */
#ifndef UBAL_CORE_WINDOW_H
#define UBAL_CORE_WINDOW_H

#include <apr.h>

typedef enum {
    UBAL_WINDOW_OPEN,     /* still to be fetched, or in the middle */
    UBAL_WINDOW_DONE,     /* fetched whole */
    UBAL_WINDOW_PARKED,   /* kept failing while others succeeded */
    UBAL_WINDOW_ACCEPTED, /* an operator let as-of pass it */
    UBAL_WINDOW_RECHECK   /* was done, stays covered, and is read again */
} ubal_window_state_e;

typedef struct ubal_window_t {
    apr_int64_t id;   /* 0: planned, not stored yet */
    apr_int64_t from; /* us, inclusive */
    apr_int64_t to;   /* us, exclusive */
    ubal_window_state_e state;
    int is_single;        /* made by a split: to be one page */
    int next_page;        /* from 1; pages before it are in this pass */
    apr_int64_t total;    /* first page's total in this pass; -1: none */
    apr_int64_t distinct; /* distinct ids of this pass so far */
    apr_int64_t accepted; /* the total it was done with; -1: none */
    int passes;           /* whole passes that did not agree */
    int failures;         /* that counted towards parking */
    apr_int64_t tick;     /* its pass asks from so much before `from`, us */
    apr_int64_t early;    /* items of this pass before `from` */
    apr_int64_t late;     /* items of this pass from `to` on */
    apr_int64_t own;      /* items within, of the pass it was done with, or, in
                           * a pass, so far; -1: not counted */
    apr_int64_t pass_total;    /* of the last whole pass that did not agree; */
    apr_int64_t pass_distinct; /* -1: none */
    apr_int64_t drift; /* done: the vendor's total above the ids there are */
    apr_int64_t vanished; /* items stored that a later pass did not list */
} ubal_window_t;

#endif
