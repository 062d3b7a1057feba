/* ubal-sim: runs seeds and says what they met. Knows options alone. */
#include <apr_general.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model.h"
#include "sim.h"

static void usage(void)
{
    fputs("Usage: ubal-sim [OPTION]...\n"
          "  --seed N       one seed\n"
          "  --seeds A-B    seeds from A to B\n"
          "  --days N       seeds from A until so many vendor-days\n"
          "  --on CLASS, --off CLASS   a class of faults, or all\n"
          "  --any          fine though a class never occurred\n"
          "  --loud         prints the log as it comes\n",
          stderr);
    exit(2);
}

typedef struct line_t {
    unsigned long first, last;
    double days;
    int is_any;
} line_t;

static void take(line_t *line, const char *name, const char *value)
{
    if (!strcmp(name, "--seed")) {
        line->first = line->last = strtoul(value, NULL, 10);
    } else if (!strcmp(name, "--seeds")) {
        char *end;

        line->first = strtoul(value, &end, 10);
        if (*end != '-') {
            usage();
        }
        line->last = strtoul(end + 1, NULL, 10);
    } else if (!strcmp(name, "--days")) {
        line->days = strtod(value, NULL);
        line->last = ~0ul;
    } else if (strcmp(name, "--on") && strcmp(name, "--off")) {
        usage();
    } else if (!sim_fault_switch(value, !strcmp(name, "--on"))) {
        usage();
    }
}

static void read_line(line_t *line, int argc, char **argv)
{
    int i;

    for (i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--loud")) {
            sim_ring_is_loud = 1;
        } else if (!strcmp(argv[i], "--any")) {
            line->is_any = 1;
        } else if (i + 1 < argc) {
            take(line, argv[i], argv[i + 1]);
            i++;
        } else {
            usage();
        }
    }
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double days;

static int run_seed(unsigned long seed)
{
    apr_pool_t *pool;
    int is_good;

    apr_pool_create(&pool, NULL);
    is_good = sim_daemon_run(seed, pool);
    days +=
        (double)(sim.profile.begin + sim.profile.length - sim.profile.start) /
        (double)SIM_DAY;
    apr_pool_destroy(pool);
    return is_good;
}

int main(int argc, char **argv)
{
    line_t line = {.first = 1, .last = 20};
    double begin = seconds();
    unsigned long seed;
    int is_good = 1, missing;

    setvbuf(stdout, NULL, _IOLBF, 0);
    apr_initialize();
    atexit(apr_terminate);
    sim_vfs_register();
    atexit(sim_disk_remove);
    read_line(&line, argc, argv);
    for (seed = line.first; is_good && seed <= line.last; seed++) {
        is_good = run_seed(seed);
        if (line.days > 0 && days >= line.days) {
            seed++;
            break;
        }
    }
    printf("seeds %lu-%lu: %.0f vendor-days, %" APR_INT64_T_FMT
           " requests, %" APR_INT64_T_FMT " transactions, %" APR_INT64_T_FMT
           " steps in %.1f s\n",
           line.first, seed - 1, days, sim_limit_requests, sim_model_stored,
           sim_check_steps, seconds() - begin);
    missing = sim_fault_print();
    if (is_good && missing && !line.is_any) {
        printf("%d classes of faults never occurred\n", missing);
        return 1;
    }
    return !is_good;
}
