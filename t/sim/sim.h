/* A simulation of years with one vendor: the real ingest on a real SQLite
 * file, in a world (clocks, network, vendor, crashes, disk) that is a function
 * of a seed alone. What each file of it exports stands under its name. */
#ifndef UBAL_SIM_H
#define UBAL_SIM_H

#include <setjmp.h>
#include <stdio.h>

#include <apr_pools.h>

#include "core/time.h"
#include "core/vendor.h"
#include "owner.h"

#define SIM_NEVER APR_INT64_MAX
#define SIM_SECOND UBAL_TIME_SECOND
#define SIM_MINUTE (60 * SIM_SECOND)
#define SIM_HOUR (60 * SIM_MINUTE)
#define SIM_DAY UBAL_TIME_DAY
#define SIM_USERS 48

/* --- random.c: sequences that are the same everywhere ------------------ */

typedef enum {
    SIM_OF_PROFILE,
    SIM_OF_ITEMS,
    SIM_OF_NET,
    SIM_OF_LIFE,
    SIM_OF_TOKENS,
    SIM_STREAMS
} sim_stream_e;

void sim_random_seed(apr_uint64_t seed);
apr_uint64_t sim_random(sim_stream_e of);
/* A number in [from, to]. */
apr_int64_t sim_random_in(sim_stream_e of, apr_int64_t from, apr_int64_t to);
/* 1 in `permille` of 1000 cases. */
int sim_random_hits(sim_stream_e of, int permille);
/* A wait of that mean, exponentially distributed. */
apr_int64_t sim_random_wait(sim_stream_e of, apr_int64_t mean);
/* A digest of two numbers. */
apr_uint64_t sim_random_mix(apr_uint64_t a, apr_uint64_t b);

/* --- faults.c: what can go wrong, and how often it did ----------------- */

#define SIM_FAULTS(X)                                                     \
    X(RATE_BARE, "429", "429 without Retry-After")                        \
    X(RATE_SECONDS, "429s", "429 with seconds")                           \
    X(RATE_DATE, "429d", "429 with a date")                               \
    X(SERVER, "5xx", "500, 502, 503, 504")                                \
    X(AUTH, "auth", "401 and 403")                                        \
    X(GONE, "gone", "404 and 410")                                        \
    X(TIMEOUT, "timeout", "no reply in time, read late")                  \
    X(REFUSED, "refused", "connection refused")                           \
    X(RESET, "reset", "connection reset")                                 \
    X(OUTAGE, "outage", "outages of minutes to hours")                    \
    X(SLOW, "slow", "slow replies")                                       \
    X(CUT, "cut", "bodies cut")                                           \
    X(GARBAGE, "garbage", "garbage")                                      \
    X(HTML, "html", "HTML with status 200")                               \
    X(NO_DATE, "no-date", "no Date")                                      \
    X(DATE_AHEAD, "date-ahead", "Date ahead")                             \
    X(DATE_BEHIND, "date-behind", "Date behind")                          \
    X(DATE_ONCE, "date-once", "Date of one reply astray")                 \
    X(WALL_AHEAD, "wall-ahead", "wall clock jumps ahead")                 \
    X(WALL_BEHIND, "wall-behind", "wall clock jumps back")                \
    X(LATE, "late", "items listed late")                                  \
    X(FUTURE, "future", "items from the future")                          \
    X(VANISHED, "vanished", "items vanished")                             \
    X(TWIN, "twin", "items listed twice")                                 \
    X(CONFLICT, "conflict", "same id, other content")                     \
    X(DEAD, "dead", "dead items")                                         \
    X(REORDER, "reorder", "replies in another order each")                \
    X(SHIFT, "shift", "pages shifted")                                    \
    X(TOTAL_MOVES, "total-moves", "totals changed in mid-pass")           \
    X(TOTAL_WRONG, "estimate", "totals that are estimates")               \
    X(NO_META, "no-meta", "meta missing once")                            \
    X(EMPTY_PAGE, "empty", "empty pages")                                 \
    X(REPEATED_PAGE, "repeat", "repeated pages")                          \
    X(CAPPED, "capped", "pages capped")                                   \
    X(INCLUSIVE, "inclusive", "replies with inclusive ends")              \
    X(EXCLUSIVE, "exclusive", "replies with exclusive begins")            \
    X(ROUNDED, "rounded", "replies with rounded times")                   \
    X(NO_TOTALS, "no-totals", "replies of vendors without totals")        \
    X(CRASH_CLOCK, "crash-clock", "crashes at a clock read")              \
    X(CRASH_LOG, "crash-log", "crashes at a log line")                    \
    X(CRASH_START, "crash-start", "crashes at a request's start")         \
    X(CRASH_GATE, "crash-gate", "crashes before the gate")                \
    X(CRASH_SLOT, "crash-slot", "crashes between slot and witness")       \
    X(CRASH_SENT, "crash-sent", "crashes with a request under way")       \
    X(CRASH_REPLY, "crash-reply", "crashes between reply and commit")     \
    X(CRASH_WRITE, "crash-write", "crashes in mid-write of the database") \
    X(REBOOT, "reboot", "reboots")                                        \
    X(PAUSE, "pause", "process stopped for seconds")                      \
    X(GRACEFUL, "graceful", "graceful restarts")                          \
    X(SETTINGS, "settings", "settings changed")                           \
    X(RESTORE, "restore", "older copies restored")                        \
    X(RESTORE_BARE, "restore-bare", "older copies, lock file lost")       \
    X(REPLACED, "replaced", "database replaced under the daemon")         \
    X(DISK_FULL, "full", "disk full")                                     \
    X(DISK_ERROR, "io-error", "disk errors")                              \
    X(LOCKED, "locked", "database locked")                                \
    X(LOCK_LOST, "lock-lost", "lock file lost")                           \
    X(RETRIED, "retried", "parked windows retried by hand")

typedef enum {
#define X(name, word, text) SIM_##name,
    SIM_FAULTS(X)
#undef X
    SIM_FAULT_COUNT
} sim_fault_e;

/* Turns a class off or on by its word; 0 where there is none such. */
int sim_fault_switch(const char *word, int is_on);
int sim_fault_is_on(sim_fault_e fault);
void sim_fault_count(sim_fault_e fault);
/* Prints how often each was; returns how many that are on never were. */
int sim_fault_print(void);

/* --- profile.c: what one seed is about --------------------------------- */

typedef enum {
    SIM_ORDER_OLDEST,
    SIM_ORDER_NEWEST,
    SIM_ORDER_ID,
    SIM_ORDER_ANY
} sim_order_e;

typedef struct sim_profile_t {
    apr_uint64_t seed;
    apr_int64_t begin, length; /* of its list; true time, us */
    apr_int64_t start;         /* of the daemon */
    int rate_count;            /* the vendor's limit */
    apr_int64_t rate_period;
    apr_int64_t interval, settle, timeout;
    int page_size, retries;
    int users, items;
    apr_int64_t latency;
    sim_order_e order;
    int is_inclusive, is_exclusive; /* its end, its begin */
    int rounding;                   /* of createdAt: -1 down, 1 up, 0 none */
    int has_totals;
    int cap; /* items a page at most, whatever is asked; 0: none */
    int is_since_set;
    int is_reconciled;          /* of itself */
    char mask[SIM_FAULT_COUNT]; /* classes in play */
} sim_profile_t;

void sim_profile_make(sim_profile_t *profile, apr_uint64_t seed);
int sim_profile_has(sim_fault_e fault);

/* --- vendor.c: what the vendor lists, a function of seed and time ------ */

/* One transaction, and what the simulation knows of it. */
typedef struct sim_item_t {
    apr_int64_t created;
    apr_int64_t visible; /* true time from which it is listed */
    apr_int64_t gone;    /* from which it is not any more */
    apr_int64_t changed; /* from which its amount is another one */
    apr_int64_t amounts[2];
    int user, type;
    char fault;       /* 0: sound; else what is wrong with it */
    char is_twin;     /* listed twice */
    char is_excused;  /* may be missing until reconciled */
    char is_stored;   /* as last seen in the database ... */
    char version;     /* ... with this amount */
    char is_answered; /* was on a page that came back whole */
} sim_item_t;

extern sim_item_t *sim_items;
extern int sim_item_count;

void sim_vendor_make(apr_pool_t *pool);
/* The first item created at or after `at`. */
int sim_vendor_find(apr_int64_t at);
/* Its id, and which item an id is of; -1 where none. */
const char *sim_vendor_id(char text[40], int index);
int sim_vendor_index(const char *id);
const char *sim_vendor_user(char text[24], int user);
int sim_vendor_user_index(const char *user);

/* What it lists for [from, to) at true time `at`: indexes, twice where it
 * lists twice, in its order. */
int sim_vendor_list(int **list, apr_int64_t from, apr_int64_t to,
                    apr_int64_t at, apr_pool_t *pool);

/* --- reply.c: a reply's text ------------------------------------------- */

typedef struct sim_page_t {
    const int *items;
    int count;
    apr_int64_t total; /* -1: none */
    int page, limit;
    int has_meta;
    apr_int64_t at;
} sim_page_t;

const char *sim_reply_print(apr_size_t *length, const sim_page_t *page,
                            apr_pool_t *pool);

/* --- limit.c: what the vendor counts ----------------------------------- */

void sim_limit_begin(void);
/* Notes a request sent now; returns its number. Fails the seed where any
 * reckoning of the vendor's can find more than the limit. */
int sim_limit_send(void);
/* It was over at `at` as far as the vendor can count it. */
void sim_limit_end(int request, apr_int64_t at);
extern apr_int64_t sim_limit_requests;

/* --- net.c: requests on their way -------------------------------------- */

void sim_net_begin(void);
/* The process is gone: what it had under way is never heard of again. */
void sim_net_lose(void);

/* --- world.c: clocks, boot, lock file, and the points of crashes ------- */

typedef struct sim_t {
    sim_profile_t profile;
    apr_int64_t now;         /* true time, us since 1970; the vendor's clock */
    apr_int64_t booted;      /* true time at which CLOCK_BOOTTIME was 0 */
    apr_int64_t wall_offset; /* our wall clock's error */
    apr_int64_t date_offset; /* the error of the vendor's Date ... */
    apr_int64_t date_told;   /* ... and of the last it sent */
    apr_int64_t latest;      /* when the last of its items is listed */
    apr_int64_t outage_until, slow_until;
    apr_int64_t locked_until, full_until;
    int has_disk_error; /* the next write fails */
    int boots;
    int is_reboot, is_restore; /* what is to come while it is down */
    ubal_witness_t witness;
    ubal_end_e end;
    sim_fault_e phase; /* of the request: which class a crash now is of */
    int is_running;    /* sim_fail and death have somewhere to go */
    int is_inside;  /* the daemon runs: crashes and disk faults may strike */
    int is_calm;    /* no more faults */
    int is_settled; /* everything has come to its end */
    int was_ahead;  /* the vendor's Date was, once */
    int is_broken;  /* an invariant does not hold: the seed has failed */
    int is_up;      /* it has taken over */
    int may_fail;   /* this daemon has met what may end it with an error */
    sigjmp_buf die;
    /* settings in force */
    int rate_count;
    apr_int64_t rate_period, interval, since;
} sim_t;

extern sim_t sim;

void sim_world_begin(void);
/* Goes on to that time at the earliest. */
void sim_world_pass(apr_int64_t until);
/* A point at which the process may die, of that class. */
void sim_world_point(sim_fault_e where);
/* Lets it die at the `points`-th point from now; in mid-write where `writes`
 * is not 0: at that write to the database. */
void sim_world_doom(int points, int writes);
/* One write of the database: 1 where it fails from now on. */
int sim_world_write(void);
int sim_world_is_dead(void);
void sim_world_revive(void);
/* The lock file is lost, and the witness with it. */
void sim_world_lose_lock(void);

/* --- vfs.c: SQLite's files --------------------------------------------- */

void sim_vfs_register(void);

/* --- disk.c: the database as a file ------------------------------------ */

void sim_disk_begin(void);
const char *sim_disk_path(void);
/* Keeps a copy; restores the last one kept: 0 where there is none. */
void sim_disk_keep(void);
int sim_disk_restore(void);
void sim_disk_remove(void);

/* --- life.c: what happens to the daemon -------------------------------- */

void sim_life_begin(void);
/* When the next event is due; lets those happen that are. */
apr_int64_t sim_life_next(void);
void sim_life_happen(void);

/* --- daemon.c: from one start to the next ------------------------------ */

/* One seed from its first start to its end; 1 where all held. */
int sim_daemon_run(apr_uint64_t seed, apr_pool_t *pool);

/* --- control.c: an operator -------------------------------------------- */

/* Has the daemon run a verb, for [from, to) where `to` is not 0. */
void sim_control_ask(const char *verb, apr_int64_t from, apr_int64_t to);

/* --- settings.c: the daemon's configuration ---------------------------- */

const ubal_settings_t *sim_settings_make(apr_pool_t *pool);
void sim_settings_change(void);

/* --- check.c: the invariants ------------------------------------------- */

void sim_check_begin(apr_pool_t *pool);
/* After a step of the daemon: what the last replies touched. */
void sim_check_step(void);
/* Everything; `is_restored`: stored items may be gone. */
void sim_check_all(int is_restored);
/* At the end of a seed. */
void sim_check_end(void);
extern apr_int64_t sim_check_steps;

/* Fails the seed, saying which invariant is broken; never returns while the
 * daemon runs. */
void sim_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* --- ring.c: the last lines of the log --------------------------------- */

void sim_ring_begin(void);
__attribute__((format(printf, 1, 2))) void sim_ring_note(const char *format,
                                                         ...);
void sim_ring_print(FILE *to);
extern int sim_ring_is_loud;

#endif
