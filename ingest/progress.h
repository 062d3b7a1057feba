/* How far a long command is: on a terminal a bar with rate and time left;
 * with --json a line of JSON a second on standard output; else nothing until
 * the end, which the command says. */
#ifndef UBAL_PROGRESS_H
#define UBAL_PROGRESS_H

#include <apr_pools.h>

typedef struct ubal_progress_t ubal_progress_t;

/* `what` is done ("importing"), `unit` what is counted ("rows"). */
ubal_progress_t *ubal_progress_make(const char *what, const char *unit,
                                    int is_json, apr_pool_t *pool);

/* `done` of `total` (of whatever) are done, by which `count` units are; shown
 * where it is time. What was done before the first call counts for no rate. */
void ubal_progress_show(ubal_progress_t *progress, apr_int64_t done,
                        apr_int64_t total, double count);

/* Takes the bar away. */
void ubal_progress_end(ubal_progress_t *progress);

/* A moment of it, for what follows. */
typedef struct ubal_progress_at_t {
    apr_int64_t done, total; /* total 0: not known */
    double count;
    double rate;      /* units a second; -1: not known yet */
    apr_int64_t left; /* seconds; -1: not known */
} ubal_progress_at_t;

/* Works out rate and left from what was done since it began, `elapsed` us. */
void ubal_progress_reckon(ubal_progress_at_t *at, apr_int64_t done_before,
                          double count_before, apr_int64_t elapsed);

/* "importing [#####.....]  50 %  1234 rows  100 rows/s  0:12 left", no longer
 * than `width` columns: the bar gives way first. A slow rate is by the minute
 * or the hour. */
const char *ubal_progress_bar(const ubal_progress_at_t *at, const char *what,
                              const char *unit, int width, apr_pool_t *pool);

/* One object, on one line: progress, rows, rate, left. */
const char *ubal_progress_json(const ubal_progress_at_t *at, const char *what,
                               const char *unit, apr_pool_t *pool);

#endif
