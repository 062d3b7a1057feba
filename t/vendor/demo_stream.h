/* The demo vendor's transactions: a pure function of (seed, time). Item
 * number i exists from its createdAt on, for every i from 0, and is computed
 * from the seed and i alone; nothing is stored. Knows the C library only: no
 * clock, no httpd, no JSON. */
#ifndef DEMO_STREAM_H
#define DEMO_STREAM_H

#include <stdint.h>

/* User number 0 has the id "12" and a fifth of all items. */
#define DEMO_USER_SIZE 24
#define DEMO_ID_SIZE 37

typedef enum {
    DEMO_EARNED,
    DEMO_SPENT,
    DEMO_PAYOUT,
    DEMO_PAID_OUT,
    DEMO_TYPES
} demo_type_t;

typedef struct {
    uint64_t seed;
    int64_t epoch;  /* microseconds UTC, a whole second; nothing is older */
    int64_t volume; /* items a minute, from 1 */
    int64_t users;  /* from 1 */
} demo_stream_t;

typedef struct {
    int64_t created; /* microseconds UTC, whole milliseconds */
    int64_t user;    /* 0 to users - 1 */
    int64_t cents;   /* above 0 */
    demo_type_t type;
    uint64_t chance; /* evenly spread bits for who wants to vary items */
} demo_item_t;

/* Sums in cents. */
typedef struct {
    int64_t of[DEMO_TYPES];
    int64_t items;
} demo_sums_t;

/* The number of items with createdAt < `time`: those are the items numbered
 * from 0 to it. createdAt never decreases with the number; several items can
 * share one, and many lie on whole seconds. Constant time. */
int64_t demo_stream_before(const demo_stream_t *stream, int64_t time);

/* Item number `index`, from 0. */
demo_item_t demo_stream_item(const demo_stream_t *stream, int64_t index);

/* The createdAt of item number `index`, from 0. */
int64_t demo_stream_created(const demo_stream_t *stream, int64_t index);

/* Writes the id of item number `index`, a UUID; no two are equal. Returns
 * `id`. */
const char *demo_stream_id(char id[DEMO_ID_SIZE], const demo_stream_t *stream,
                           int64_t index);

/* Writes the id of user number `user`. Returns `id`. */
const char *demo_stream_user(char id[DEMO_USER_SIZE], int64_t user);

/* Adds the items numbered [begin, end) to `sums`, one for each user. */
void demo_stream_sum(demo_sums_t *sums, const demo_stream_t *stream,
                     int64_t begin, int64_t end);

/* The place of row `row` when `count` rows are shuffled: for 0 <= row < count
 * each place from 0 to count - 1 once. The same `key` and `count` give the
 * same order. */
int64_t demo_stream_shuffle(int64_t row, int64_t count, uint64_t key);

#endif
