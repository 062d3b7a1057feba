/* Percentiles of what was measured. See times.h. */
#include "times.h"

#include <stdlib.h>
#include <time.h>

static double clock_ms(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

double times_cpu(void)
{
    return clock_ms(CLOCK_PROCESS_CPUTIME_ID);
}

double times_wall(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

void times_make(times_t *times, const char *way, long count)
{
    *times = (times_t){.way = way};
    times->page = calloc((size_t)count * 3, sizeof(double));
    if (!times->page) {
        abort();
    }
    times->slot = times->page + count;
    times->tidy = times->slot + count;
}

void times_write(FILE *out, const times_t *times, const char *label)
{
    long i;

    for (i = 0; i < times->count; i++) {
        fprintf(out, "%s\t%s\t%.3f\t%.3f\t%.3f\n", label, times->way,
                times->page[i], times->slot[i], times->tidy[i]);
    }
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

/* The value that `part` of `count` are not above. */
static double at(const double *sorted, long count, double part)
{
    long i = (long)((double)count * part);

    return sorted[i < count ? i : count - 1];
}

void times_title(void)
{
    printf("%-20s %-14s %7s %7s %7s %7s %7s %7s %15s %15s\n",
           "rows present, ids", "checkpoints", "p50 ms", "p90", "p99", "max",
           "rows/s", "CPU ms", "slot p50, max", "between rounds");
}

void times_print(times_t *times, const char *label, int size)
{
    long i, n = times->count;
    double sum = 0;

    for (i = 0; i < n; i++) {
        sum += times->page[i];
    }
    qsort(times->page, (size_t)n, sizeof(double), compare);
    qsort(times->slot, (size_t)n, sizeof(double), compare);
    qsort(times->tidy, (size_t)n, sizeof(double), compare);
    printf("%-20s %-14s %7.1f %7.1f %7.1f %7.1f %7.0f %7.1f %7.1f %7.1f "
           "%7.1f %7.1f\n",
           label, times->way, at(times->page, n, 0.5), at(times->page, n, 0.9),
           at(times->page, n, 0.99), times->page[n - 1],
           (double)n * size * 1e3 / sum, times->cpu / (double)n,
           at(times->slot, n, 0.5), times->slot[n - 1],
           at(times->tidy, n, 0.5), times->tidy[n - 1]);
}
