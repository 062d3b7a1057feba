/* The demo vendor's transactions, see demo_stream.h. Knows the C library
 * only: no clock, no httpd, no JSON.
 *
 * Item i has a slot of its own, a minute / volume long, and lies anywhere in
 * it; so the number of items before a time needs no counting. Now and then a
 * group of GROUP neighbours shares one createdAt, as an import at a vendor
 * does, and every eighth item is put on a whole second of its slot, where
 * windows have their borders. */
#include "demo_stream.h"

#include <inttypes.h>
#include <stdio.h>

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define GROUP 8
/* A payout is paid out (or not) this many items later. */
#define PAID_AFTER 32

/* The finalizer of splitmix64 (Steele, Lea, Flood 2014): one to one. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* One to one in `index` for each seed and purpose. */
static uint64_t chance(const demo_stream_t *stream, int64_t index,
                       uint64_t purpose)
{
    uint64_t key = mix(stream->seed + purpose * UINT64_C(0x9e3779b97f4a7c15));

    return mix((uint64_t)index + key);
}

static int64_t slot(const demo_stream_t *stream, int64_t index)
{
    /* Whole minutes first: the product would overflow. */
    return stream->epoch + index / stream->volume * MINUTE +
           index % stream->volume * MINUTE / stream->volume;
}

/* A whole millisecond in [begin, end), down to one before begin where the
 * slot holds none. Never decreases from one slot to the next. */
static int64_t place(int64_t begin, int64_t end, uint64_t bits, int on_second)
{
    int64_t second = (begin + SECOND - 1) / SECOND * SECOND;
    int64_t time = begin + (int64_t)(bits % (uint64_t)(end - begin));

    if (on_second && second < end) {
        return second;
    }
    return time / 1000 * 1000;
}

int64_t demo_stream_created(const demo_stream_t *stream, int64_t index)
{
    int64_t first = index / GROUP * GROUP;
    uint64_t bits = chance(stream, first, 1);

    if (bits % 16 == 0) {
        return place(slot(stream, first), slot(stream, first + GROUP),
                     bits / 16, 1);
    }
    bits = chance(stream, index, 2);
    return place(slot(stream, index), slot(stream, index + 1), bits / 8,
                 bits % 8 == 0);
}

int64_t demo_stream_before(const demo_stream_t *stream, int64_t time)
{
    int64_t index;

    if (time <= stream->epoch) {
        return 0;
    }
    index = (time - stream->epoch) / 1000 * stream->volume / 60000;
    while (index > 0 && demo_stream_created(stream, index - 1) >= time) {
        index--;
    }
    while (demo_stream_created(stream, index) < time) {
        index++;
    }
    return index;
}

/* Whether this item is a payout: some in the first half of each run. */
static int is_payout(int64_t index, uint64_t bits)
{
    return !(index & PAID_AFTER) && bits % 8 == 0;
}

static int64_t user_of(const demo_stream_t *stream, uint64_t bits)
{
    return bits % 5 == 0 ? 0 : (int64_t)(bits / 5 % (uint64_t)stream->users);
}

/* From 0.01 (or 1, every fourth) to `most` whole units. */
static int64_t cents_of(uint64_t bits, int64_t most)
{
    int64_t cents = 1 + (int64_t)(bits / 4 % (uint64_t)(most * 100));

    return bits % 4 == 0 ? (cents + 99) / 100 * 100 : cents;
}

demo_item_t demo_stream_item(const demo_stream_t *stream, int64_t index)
{
    uint64_t bits = chance(stream, index, 3);
    int64_t source = index - PAID_AFTER;
    demo_item_t item;

    item.created = demo_stream_created(stream, index);
    item.chance = mix(bits);
    item.type = bits / 8 % 3 == 0 ? DEMO_SPENT : DEMO_EARNED;
    if (is_payout(index, bits)) {
        item.type = DEMO_PAYOUT;
    } else if ((index & PAID_AFTER) && item.chance % 8 != 0) {
        uint64_t asked = chance(stream, source, 3);

        if (is_payout(source, asked)) {
            item.type = DEMO_PAID_OUT;
            bits = asked;
        }
    }
    item.user = user_of(stream, bits / 24);
    item.cents = cents_of(mix(bits + 1), item.type == DEMO_EARNED  ? 200
                                         : item.type == DEMO_SPENT ? 60
                                                                   : 50);
    return item;
}

const char *demo_stream_id(char id[DEMO_ID_SIZE], const demo_stream_t *stream,
                           int64_t index)
{
    uint64_t high = chance(stream, index, 4);
    uint64_t low = chance(stream, index, 5);

    /* Of `high` all bits are kept, so that no two are equal. */
    snprintf(id, DEMO_ID_SIZE,
             "%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64 "-%04" PRIx64
             "-%012" PRIx64,
             high >> 32, high >> 16 & 0xffff, high >> 4 & 0xfff,
             (low & 0x3fff) | 0x8000, low >> 20 << 4 | (high & 0xf));
    return id;
}

const char *demo_stream_user(char id[DEMO_USER_SIZE], int64_t user)
{
    if (user % 2 == 0) {
        snprintf(id, DEMO_USER_SIZE, "%" PRId64, 12 + user / 2);
    } else {
        /* 37 has no divisor with 100000: 100000 users differ. */
        snprintf(id, DEMO_USER_SIZE, "0%05" PRId64,
                 (74092 + user / 2 * 37) % 100000);
    }
    return id;
}

void demo_stream_sum(demo_sums_t *sums, const demo_stream_t *stream,
                     int64_t begin, int64_t end)
{
    int64_t index;

    for (index = begin; index < end; index++) {
        demo_item_t item = demo_stream_item(stream, index);

        sums[item.user].of[item.type] += item.cents;
        sums[item.user].items++;
    }
}

int64_t demo_stream_shuffle(int64_t row, int64_t count, uint64_t key)
{
    uint64_t place = (uint64_t)row, half;
    unsigned bits = 2, round;

    while (bits < 62 && (INT64_C(1) << bits) < count) {
        bits += 2;
    }
    half = (UINT64_C(1) << bits / 2) - 1;
    /* A Feistel network over the next power of four, walked until it comes
     * back below `count`: one to one, and at most four steps on average. */
    do {
        for (round = 0; round < 4; round++) {
            uint64_t left = place >> bits / 2, right = place & half;

            place =
                right << bits / 2 | (left ^ (mix(right + key + round) & half));
        }
    } while (place >= (uint64_t)count);
    return (int64_t)place;
}
