/* Times that were measured, in milliseconds, and what is said of them. */
#ifndef UBAL_T_BENCH_TIMES_H
#define UBAL_T_BENCH_TIMES_H

#include <stdio.h>

/* Of so many pages: the commit, the slot's commit before it, and what is done
 * between rounds after it; the processor's time for all three together. */
typedef struct times_t {
    const char *way; /* what they are of */
    double *page, *slot, *tidy;
    long count;
    double cpu;
} times_t;

/* Room for `count` pages; exits where there is none. */
void times_make(times_t *times, const char *way, long count);

/* The processor's or the wall's clock, ms. */
double times_cpu(void);
double times_wall(void);

/* A line for each page: label, way, page, slot, tidy. Before times_print. */
void times_write(FILE *out, const times_t *times, const char *label);

/* The titles, and a line of percentiles for pages of `size` rows. Sorts. */
void times_title(void);
void times_print(times_t *times, const char *label, int size);

#endif
