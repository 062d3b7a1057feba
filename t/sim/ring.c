/* Takes the place of ingest/log.c: the daemon's lines, and the simulation's
 * own between them, are kept for a seed that fails; and how it fails. */
#include <apr_strings.h>
#include <stdarg.h>
#include <string.h>

#include "log.h"
#include "sim.h"

#define LINES 120
#define WIDTH 300

static char lines[LINES][WIDTH];
static unsigned int written;
int sim_ring_is_loud;

void sim_ring_begin(void)
{
    written = 0;
}

__attribute__((format(printf, 2, 0))) static void
add(const char *who, const char *format, va_list args)
{
    char *line = lines[written++ % LINES];
    apr_int64_t s = sim.now / SIM_SECOND;
    int length;

    length = apr_snprintf(line, WIDTH, "%4d %02d:%02d:%02d.%06d %s ",
                          (int)((sim.now - sim.profile.begin) / SIM_DAY),
                          (int)(s / 3600 % 24), (int)(s / 60 % 60),
                          (int)(s % 60), (int)(sim.now % SIM_SECOND), who);
    apr_vsnprintf(line + length, WIDTH - (apr_size_t)length, format, args);
    if (sim_ring_is_loud) {
        puts(line);
    }
}

void sim_ring_note(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add("--", format, args);
    va_end(args);
}

void sim_ring_print(FILE *to)
{
    unsigned int i = written > LINES ? written - LINES : 0;

    for (; !sim_ring_is_loud && i < written; i++) {
        fprintf(to, "  %s\n", lines[i % LINES]);
    }
}

void ubal_log_line(ubal_log_level_e level, const char *format, ...)
{
    static const char *const names[] = {"E", "W", "I", "D"};
    va_list args;

    va_start(args, format);
    add(names[level], format, args);
    va_end(args);
    sim_world_point(SIM_CRASH_LOG);
}

/* --- failing ----------------------------------------------------------- */

void sim_fail(const char *format, ...)
{
    va_list args;

    if (!sim.is_broken) {
        sim.is_broken = 1;
        printf("seed %" APR_UINT64_T_FMT " fails: ", sim.profile.seed);
        va_start(args, format);
        vprintf(format, args);
        va_end(args);
        printf("\n");
        sim_ring_print(stdout);
    }
    if (sim.is_running) {
        siglongjmp(sim.die, 2);
    }
}
