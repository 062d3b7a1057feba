/* The classes of faults: which are on, and how often each was. */
#include <string.h>

#include "sim.h"

static const struct {
    const char *word, *text;
} classes[] = {
#define X(name, word, text) {word, text},
    SIM_FAULTS(X)
#undef X
};

static char is_off[SIM_FAULT_COUNT];
static apr_int64_t counts[SIM_FAULT_COUNT];

int sim_fault_switch(const char *word, int is_on)
{
    int i, found = 0;

    for (i = 0; i < SIM_FAULT_COUNT; i++) {
        if (!strcmp(word, "all") || !strcmp(word, classes[i].word)) {
            is_off[i] = !is_on;
            found = 1;
        }
    }
    return found;
}

int sim_fault_is_on(sim_fault_e fault)
{
    return !is_off[fault];
}

void sim_fault_count(sim_fault_e fault)
{
    counts[fault]++;
}

int sim_fault_print(void)
{
    int i, missing = 0;

    for (i = 0; i < SIM_FAULT_COUNT; i++) {
        printf("  %-12s %9" APR_INT64_T_FMT "  %s%s\n", classes[i].word,
               counts[i], classes[i].text, is_off[i] ? " (off)" : "");
        missing += !is_off[i] && !counts[i];
    }
    return missing;
}
