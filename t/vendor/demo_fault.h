/* The demo vendor's faults: which there are, which are set, and which a
 * request meets. Knows no httpd; the caller keeps the lock. */
#ifndef DEMO_FAULT_H
#define DEMO_FAULT_H

#include <stdint.h>

#define DEMO_FAULT_TEXT_SIZE 200

/* In the order of the table in demo_fault.c, which says what each does. */
typedef enum {
    DEMO_FAULT_STATUS,
    DEMO_FAULT_RETRY_AFTER,
    DEMO_FAULT_DELAY,
    DEMO_FAULT_HANG,
    DEMO_FAULT_DROP,
    DEMO_FAULT_CUT,
    DEMO_FAULT_DRIBBLE,
    DEMO_FAULT_HTML,
    DEMO_FAULT_REDIRECT,
    DEMO_FAULT_BIG,
    DEMO_FAULT_BOMB,
    DEMO_FAULT_DATESKEW,
    DEMO_FAULT_NOMETA,
    DEMO_FAULT_BADMETA,
    DEMO_FAULT_PAGES,
    DEMO_FAULT_CAP,
    DEMO_FAULT_SHIFT,
    DEMO_FAULT_ENDLESS,
    DEMO_FAULT_DUPLICATE,
    DEMO_FAULT_CONFLICT,
    DEMO_FAULT_CHANGED,
    DEMO_FAULT_LATE,
    DEMO_FAULT_VANISH,
    DEMO_FAULT_ENDINCLUSIVE,
    DEMO_FAULT_STARTEXCLUSIVE,
    DEMO_FAULT_ROUND,
    DEMO_FAULT_TIMEFORMAT,
    DEMO_FAULT_AMOUNTS,
    DEMO_FAULT_DEAD,
    DEMO_FAULTS
} demo_fault_name_t;

typedef struct {
    int on;
    int64_t value; /* `text` as a number, or the fault's own default */
    int64_t skip;  /* how many requests it still lets pass first */
    int64_t next;  /* how many requests still meet it; -1: all */
    int64_t page;  /* the only page that meets it; 0: each */
    int64_t at;    /* microseconds UTC: when it was set, or what was given */
    char text[DEMO_FAULT_TEXT_SIZE];
} demo_fault_t;

typedef struct {
    demo_fault_t of[DEMO_FAULTS];
} demo_faults_t;

/* The number of the fault called `name`, or -1. */
int demo_fault_find(const char *name);

/* The name of a fault as it is set. */
const char *demo_fault_name(int fault);

/* Sets `*fault` to `like` (skip, next, page, at), with the value `text`.
 * Returns 0 where the text is too long. */
int demo_fault_set(demo_faults_t *faults, int fault, const char *text,
                   const demo_fault_t *like);

/* Gives in `*met` the faults that a request for `page` meets (the others are
 * off), and counts it. */
void demo_fault_meet(demo_faults_t *met, demo_faults_t *faults, int64_t page);

#endif
