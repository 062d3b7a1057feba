/* The vendor's transactions and what it lists: a function of the seed, the
 * query and the time. Knows no HTTP and no daemon. */
#include <apr_strings.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/type.h"
#include "sim.h"

sim_item_t *sim_items;
int sim_item_count;

static apr_int64_t in(apr_int64_t from, apr_int64_t to)
{
    return sim_random_in(SIM_OF_ITEMS, from, to);
}

static int hits(sim_fault_e fault, int permille)
{
    return sim_random_hits(SIM_OF_ITEMS, permille) && sim.profile.mask[fault];
}

/* More by day than by night. */
static apr_int64_t choose_time(void)
{
    for (;;) {
        apr_int64_t at = in(0, sim.profile.length - 1);
        double phase = (double)(at % SIM_DAY) / (double)SIM_DAY * 6.2831853;

        if ((double)in(0, 999) < 550.0 + 450.0 * sin(phase)) {
            return at;
        }
    }
}

static apr_int64_t choose_amount(void)
{
    apr_int64_t amount = in(0, 3) ? in(1, 100000) : in(0, 99) * 100;

    return in(0, 19) ? amount : -amount;
}

static void make_manner(sim_item_t *item)
{
    item->visible = item->created + in(0, sim.profile.settle - 1500000);
    item->gone = item->changed = SIM_NEVER;
    item->amounts[0] = choose_amount();
    item->amounts[1] = item->amounts[0] + in(1, 500);
    if (hits(SIM_LATE, 5)) {
        item->visible = item->created + in(SIM_MINUTE, 6 * SIM_HOUR);
        item->is_excused = 1;
        sim_fault_count(SIM_LATE);
    } else if (hits(SIM_FUTURE, 5)) {
        item->visible = item->created - in(0, SIM_HOUR);
        sim_fault_count(SIM_FUTURE);
    }
    if (hits(SIM_VANISHED, 4)) {
        item->gone = item->visible + in(0, 4 * sim.profile.interval);
        sim_fault_count(SIM_VANISHED);
    }
    if (hits(SIM_CONFLICT, 8)) {
        item->changed = item->visible + in(0, 3 * sim.profile.interval);
    }
    if (hits(SIM_DEAD, 5)) {
        item->fault = (char)in(1, 8);
    }
    item->is_twin = (char)hits(SIM_TWIN, 5);
    if (sim.latest < item->visible) {
        sim.latest = item->visible;
    }
}

static int compare(const void *a, const void *b)
{
    const sim_item_t *one = a, *other = b;

    return one->created < other->created   ? -1
           : one->created > other->created ? 1
           : one->user != other->user      ? one->user - other->user
           : one->visible < other->visible ? -1
                                           : one->visible > other->visible;
}

/* One time for an item, or one for several in a burst. */
static int make_some(int made, apr_int64_t grain)
{
    apr_int64_t at = sim.profile.begin + choose_time();
    int i, some = in(0, 29) ? 1 : (int)in(2, sim.profile.page_size / 2 + 2);

    if (sim.profile.order == SIM_ORDER_ANY) {
        some = 1;
    }
    for (i = 0; i < some && made < sim.profile.items; i++, made++) {
        sim_item_t *item = &sim_items[made];
        apr_int64_t created = at + (some > 1 ? in(0, SIM_SECOND) : 0);

        item->created = created - created % grain;
        item->user = (int)(in(0, sim.profile.users - 1) *
                           in(0, sim.profile.users) / sim.profile.users);
        item->type = (int)in(0, UBAL_TYPE_COUNT - 1);
        make_manner(item);
    }
    return made;
}

void sim_vendor_make(apr_pool_t *pool)
{
    static const apr_int64_t grains[] = {SIM_SECOND, 1000, 1000, 1};
    apr_int64_t grain = grains[in(0, 3)];
    int made = 0;

    sim_item_count = sim.profile.items;
    sim_items = apr_pcalloc(pool, sizeof(*sim_items) *
                                      (apr_size_t)(sim_item_count + 1));
    while (made < sim_item_count) {
        made = make_some(made, grain);
    }
    qsort(sim_items, (size_t)sim_item_count, sizeof(*sim_items), compare);
}

int sim_vendor_find(apr_int64_t at)
{
    int low = 0, high = sim_item_count;

    while (low < high) {
        int middle = (low + high) / 2;

        if (sim_items[middle].created < at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static apr_uint64_t salt(int index)
{
    return sim_random_mix(sim.profile.seed, (apr_uint64_t)index);
}

/* Three manners of ids, by seed; the index is in the last eight digits. */
const char *sim_vendor_id(char text[40], int index)
{
    unsigned int a = (unsigned int)salt(index);

    switch (sim.profile.seed % 3) {
    case 0:
        apr_snprintf(text, 40, "%08x-%04x-4000-8000-0000%08x", a, a & 0xffff,
                     (unsigned int)index);
        break;
    case 1:
        apr_snprintf(text, 40, "%d%08d", (int)(a % 90 + 10), index);
        break;
    default:
        apr_snprintf(text, 40, "tx/%02x %08x", a & 0xff, (unsigned int)index);
    }
    return text;
}

int sim_vendor_index(const char *id)
{
    size_t length = strlen(id);
    char text[40];
    long index;

    if (length < 8) {
        return -1;
    }
    index = strtol(id + length - 8, NULL, sim.profile.seed % 3 == 1 ? 10 : 16);
    if (index < 0 || index >= sim_item_count ||
        strcmp(sim_vendor_id(text, (int)index), id)) {
        return -1;
    }
    return (int)index;
}

const char *sim_vendor_user(char text[24], int user)
{
    apr_snprintf(text, 24, sim.profile.seed % 2 ? "%06d" : "u-%d", user);
    return text;
}

int sim_vendor_user_index(const char *user)
{
    char text[24];
    int index = (int)strtol(user + (sim.profile.seed % 2 ? 0 : 2), NULL, 10);

    return index >= 0 && index < SIM_USERS &&
                   !strcmp(sim_vendor_user(text, index), user)
               ? index
               : -1;
}

/* createdAt as this vendor compares it. */
static apr_int64_t rounded(apr_int64_t at)
{
    apr_int64_t rest = at % SIM_SECOND;

    if (!sim.profile.rounding || !rest) {
        return at;
    }
    return sim.profile.rounding < 0 ? at - rest : at - rest + SIM_SECOND;
}

static int is_within(apr_int64_t at, apr_int64_t from, apr_int64_t to)
{
    if (sim.profile.is_exclusive ? at <= from : at < from) {
        return 0;
    }
    return sim.profile.is_inclusive ? at <= to : at < to;
}

static int by_id(const void *a, const void *b)
{
    apr_uint64_t one = salt(*(const int *)a), other = salt(*(const int *)b);

    return one < other ? -1 : one > other;
}

static void put_in_order(int *list, int count, sim_order_e order)
{
    int i, kept;

    if (order == SIM_ORDER_ID) {
        qsort(list, (size_t)count, sizeof(*list), by_id);
    }
    for (i = 0; order == SIM_ORDER_NEWEST && i < count / 2; i++) {
        kept = list[i];
        list[i] = list[count - 1 - i];
        list[count - 1 - i] = kept;
    }
}

int sim_vendor_list(int **list, apr_int64_t from, apr_int64_t to,
                    apr_int64_t at, apr_pool_t *pool)
{
    int i, first = sim_vendor_find(from - 2 * SIM_SECOND);
    int end = sim_vendor_find(to + 2 * SIM_SECOND), count = 0;
    int *found = apr_palloc(pool, sizeof(int) * (apr_size_t)(end - first) * 2 +
                                      sizeof(int));

    for (i = first; i < end; i++) {
        const sim_item_t *item = &sim_items[i];

        if (item->visible > at || item->gone <= at ||
            !is_within(rounded(item->created), from, to)) {
            continue;
        }
        found[count++] = i;
        if (item->is_twin) {
            found[count++] = i;
            sim_fault_count(SIM_TWIN);
        }
    }
    put_in_order(found, count, sim.profile.order);
    *list = found;
    return count;
}
