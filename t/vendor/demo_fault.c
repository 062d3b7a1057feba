/* The demo vendor's faults, see demo_fault.h. Knows no httpd.
 *
 * What the truth (demo_truth.c) makes of them: it never knows of any. Items
 * that `dead` and `conflict` add and what `changed` alters are not in it;
 * what `shift`, `late`, `vanish` or a bound hides for a while, is. */
#include "demo_fault.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    int64_t value; /* unless a number is given */
} table[DEMO_FAULTS] = {
    /* Replies with this status; with retry-after, that header too. */
    {"status", 500},
    {"retry-after", 0},
    /* Waits so many milliseconds before it answers. */
    {"delay", 1000},
    /* Waits so many seconds, or until the client hangs up; says nothing. */
    {"hang", 600},
    /* Closes without a word; drop=reset resets the connection. */
    {"drop", 0},
    /* Ends in mid-body: cut=length (too large), cut=chunked, cut=close. */
    {"cut", 0},
    /* Sends a byte every so many milliseconds. */
    {"dribble", 100},
    {"html", 0},
    /* 302 to the URL given. */
    {"redirect", 0},
    /* JSON of so many bytes. */
    {"big", 50000000},
    /* So many bytes of JSON, gzipped to a 158th. */
    {"bomb", 50000000},
    /* Its clock (Date, and what exists) is so many seconds ahead, for the
     * truth too; until cleared. */
    {"dateskew", 3600},
    {"nometa", 0},
    /* totalItems is so many more than there are. */
    {"badmeta", 3},
    /* totalPages, whatever there are. */
    {"pages", 1},
    /* Pages hold so many at most, without a word. */
    {"cap", 100},
    /* Between the first page and the next, so many rows appear at the front;
     * negative: rows of the first page go, so that the next skip as many. */
    {"shift", 1},
    /* A page after the last is the last again. */
    {"endless", 0},
    /* Every page ends with so many rows of the first; no total counts them. */
    {"duplicate", 3},
    /* The first item created at or after `at` is listed a second time, last,
     * with another amount; conflict=user|type|time: another of that. No total
     * counts it. */
    {"conflict", 0},
    /* From now on a seventh of the items older than `at` has another amount
     * (user, type, time). */
    {"changed", 0},
    /* A seventh of the items appears so many seconds late. */
    {"late", 30},
    /* A seventh of the items is gone. */
    {"vanish", 0},
    {"endinclusive", 0},
    {"startexclusive", 0},
    /* createdAt is cut to whole seconds. */
    {"round", 0},
    /* timeformat=space|offset|micros|epoch|epochms */
    {"timeformat", 0},
    /* amounts=string|exponent|fixed|minor */
    {"amounts", 0},
    /* Malformed items, as if created at `at`: dead=KIND (demo_dead.c), or one
     * of each kind. They are counted in totals. */
    {"dead", 0},
};

int demo_fault_find(const char *name)
{
    int fault;

    for (fault = 0; fault < DEMO_FAULTS; fault++) {
        if (!strcmp(table[fault].name, name)) {
            return fault;
        }
    }
    return -1;
}

const char *demo_fault_name(int fault)
{
    return table[fault].name;
}

int demo_fault_set(demo_faults_t *faults, int fault, const char *text,
                   const demo_fault_t *like)
{
    demo_fault_t *set = &faults->of[fault];
    char *end;

    if (strlen(text) >= sizeof(set->text)) {
        return 0;
    }
    *set = *like;
    set->on = 1;
    memcpy(set->text, text, strlen(text) + 1);
    set->value = strtoll(text, &end, 10);
    if (end == text || *end) {
        set->value = table[fault].value;
    }
    return 1;
}

void demo_fault_meet(demo_faults_t *met, demo_faults_t *faults, int64_t page)
{
    int fault;

    *met = *faults;
    for (fault = 0; fault < DEMO_FAULTS; fault++) {
        demo_fault_t *set = &faults->of[fault];

        if (!set->on) {
            continue;
        }
        if (set->page && set->page != page) {
            met->of[fault].on = 0;
        } else if (set->skip > 0) {
            set->skip--;
            met->of[fault].on = 0;
        } else if (set->next > 0 && --set->next == 0) {
            set->on = 0;
        }
    }
}
