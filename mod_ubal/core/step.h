/* Steps of the calendar, in UTC: where hours, days and months begin. */
#ifndef UBAL_CORE_STEP_H
#define UBAL_CORE_STEP_H

#include <apr.h>

typedef enum {
    UBAL_STEP_HOUR,
    UBAL_STEP_DAY,
    UBAL_STEP_MONTH
} ubal_step_e;

/* The names by which steps are asked for, in the enumeration's order; ends
 * with NULL. */
extern const char *const ubal_step_names[];

/* Gives the first border of steps after `us`, which is from 1970 on. */
apr_int64_t ubal_step_next(ubal_step_e step, apr_int64_t us);

#endif
