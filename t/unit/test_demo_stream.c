/* Promise: the demo vendor's transactions are a function of (seed, time), and
 * what it sums is what it lists. */
#include <string.h>

#include "demo_stream.h"
#include "demo_time.h"
#include "tap.h"

#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)

static int64_t at(const char *text)
{
    int64_t time = -1;

    demo_time_parse(&time, text);
    return time;
}

static demo_stream_t make(uint64_t seed, int64_t volume)
{
    return (demo_stream_t){seed, at("2026-01-01"), volume, 40};
}

/* Of the first `count` items: times never decrease, each is counted before
 * any later time and not before its own. */
static void test_order(const demo_stream_t *stream, int64_t count)
{
    int64_t i, wrong = 0, last = stream->epoch, on_second = 0, shared = 0;

    for (i = 0; i < count; i++) {
        int64_t created = demo_stream_created(stream, i);

        wrong += created < last || created % 1000 != 0;
        wrong += demo_stream_before(stream, created) > i;
        wrong += demo_stream_before(stream, created + 1) <= i;
        on_second += created % SECOND == 0;
        shared += created == last;
        last = created;
    }
    tap_is_int(wrong, 0, "volume %d: times are in order and counted",
               (int)stream->volume);
    tap_ok(on_second > 0, "volume %d: some lie on whole seconds",
           (int)stream->volume);
    tap_ok(shared > 0, "volume %d: some share their time",
           (int)stream->volume);
}

static void test_pure(void)
{
    demo_stream_t stream = make(1, 60), other = make(2, 60);
    char id[DEMO_ID_SIZE], same[DEMO_ID_SIZE], differs[DEMO_ID_SIZE];
    demo_item_t a = demo_stream_item(&stream, 12345);
    demo_item_t b = demo_stream_item(&stream, 12345);

    tap_ok(a.created == b.created && a.user == b.user && a.cents == b.cents &&
               a.type == b.type,
           "an item is the same each time");
    demo_stream_id(id, &stream, 12345);
    tap_is_str(demo_stream_id(same, &stream, 12345), id, "so is its id");
    tap_ok(strcmp(demo_stream_id(differs, &other, 12345), id) != 0,
           "another seed has other items");
    tap_is_int((long)demo_stream_before(&stream, stream.epoch), 0,
               "nothing is older than the epoch");
}

static void test_sums(void)
{
    demo_stream_t stream = make(7, 600);
    demo_sums_t whole[40] = {{{0}, 0}}, parts[40] = {{{0}, 0}};
    int64_t end = demo_stream_before(&stream, stream.epoch + DAY);
    int64_t border = demo_stream_before(&stream, stream.epoch + DAY / 3);
    int user, type, poor = 0, empty = 0;

    tap_is_int((long)end, 864000, "as many a day as asked for");
    demo_stream_sum(whole, &stream, 0, end);
    demo_stream_sum(parts, &stream, 0, border);
    demo_stream_sum(parts, &stream, border, end);
    tap_ok(!memcmp(whole, parts, sizeof(whole)), "sums of parts add up");
    for (user = 0; user < 40; user++) {
        poor += whole[user].of[DEMO_EARNED] <
                whole[user].of[DEMO_SPENT] + whole[user].of[DEMO_PAYOUT];
        poor += whole[user].of[DEMO_PAYOUT] < whole[user].of[DEMO_PAID_OUT];
        for (type = 0; type < DEMO_TYPES; type++) {
            empty += whole[user].of[type] == 0;
        }
    }
    tap_is_int(poor, 0, "no user spends, asks for or gets more than there is");
    tap_is_int(empty, 0, "every user has items of every type");
    tap_ok(whole[0].items * 6 > end, "user 12 has more than a sixth");
}

/* Each payment is of a payout that the same user asked for before. */
static void test_payouts(void)
{
    demo_stream_t stream = make(3, 60);
    int64_t i, j, paid = 0, known = 0;

    for (i = 64; i < 5000; i++) {
        demo_item_t item = demo_stream_item(&stream, i);
        int found = 0;

        for (j = i - 64; item.type == DEMO_PAID_OUT && j < i; j++) {
            demo_item_t asked = demo_stream_item(&stream, j);

            found |= asked.type == DEMO_PAYOUT && asked.user == item.user &&
                     asked.cents == item.cents;
        }
        paid += item.type == DEMO_PAID_OUT;
        known += found;
    }
    tap_ok(paid > 100, "there are payments");
    tap_is_int((long)known, (long)paid, "each was asked for");
}

static void test_shuffle(void)
{
    static const int64_t counts[] = {1, 2, 3, 16, 17, 1000, 4097};
    char seen[4097];
    int64_t row, place, moved;
    size_t i;

    for (i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
        int64_t wrong = 0;

        memset(seen, 0, sizeof(seen));
        for (row = moved = 0; row < counts[i]; row++) {
            place = demo_stream_shuffle(row, counts[i], 9);
            wrong += place < 0 || place >= counts[i] || seen[place]++;
            moved += place != row;
        }
        tap_is_int((long)wrong, 0, "%d rows are shuffled one to one",
                   (int)counts[i]);
        tap_ok(counts[i] < 16 || moved * 2 > counts[i], "and moved");
    }
}

static void test_time(void)
{
    char text[DEMO_TIME_SIZE];
    int64_t time;

    tap_ok(at("2026-02-01") == INT64_C(1769904000000000), "a date");
    tap_ok(at("2024-02-29T23:59:59.123456Z") == INT64_C(1709251199123456),
           "a leap day, to the microsecond");
    tap_ok(at("2026-02-01T02:00:00+02:00") == at("2026-02-01"), "an offset");
    tap_ok(!demo_time_parse(&time, "2026-02-30"), "no 30 February");
    tap_ok(!demo_time_parse(&time, "2026-02-01T24:00:00Z"), "no 24:00");
    tap_ok(!demo_time_parse(&time, "2026-02-01x"), "nothing after it");
    tap_is_str(demo_time_print(text, INT64_C(1709251199123456)),
               "2024-02-29T23:59:59.123Z", "printed to the millisecond");
}

int main(void)
{
    static const int64_t volumes[] = {1, 7, 60, 4900, 100000};
    size_t i;

    for (i = 0; i < sizeof(volumes) / sizeof(*volumes); i++) {
        demo_stream_t stream = make(i, volumes[i]);

        test_order(&stream, 20000);
    }
    test_pure();
    test_sums();
    test_payouts();
    test_shuffle();
    test_time();
    return tap_done();
}
