/* How far a long command is. See progress.h. */
#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <apr_strings.h>

#include "owner.h"

#define SECOND APR_INT64_C(1000000)
#define BAR 24
#define BAR_LEAST 6

struct ubal_progress_t {
    const char *what, *unit;
    int is_json, is_terminal;
    int has_begun, is_shown;
    apr_int64_t began, shown; /* us */
    apr_int64_t done;         /* when it began */
    double count;
    apr_pool_t *pool; /* of one showing */
};

ubal_progress_t *ubal_progress_make(const char *what, const char *unit,
                                    int is_json, apr_pool_t *pool)
{
    ubal_progress_t *progress = apr_pcalloc(pool, sizeof(*progress));

    progress->what = what;
    progress->unit = unit;
    progress->is_json = is_json;
    progress->is_terminal = !is_json && isatty(STDERR_FILENO);
    apr_pool_create(&progress->pool, pool);
    return progress;
}

void ubal_progress_reckon(ubal_progress_at_t *at, apr_int64_t done_before,
                          double count_before, apr_int64_t elapsed)
{
    double seconds = (double)elapsed / (double)SECOND;
    double done = (double)(at->done - done_before);

    at->rate = -1;
    at->left = -1;
    if (seconds < 0.2) {
        return;
    }
    at->rate = (at->count - count_before) / seconds;
    if (done > 0 && at->total >= at->done) {
        at->left =
            (apr_int64_t)((double)(at->total - at->done) * seconds / done);
    }
}

static int percent_of(const ubal_progress_at_t *at)
{
    return at->total > 0 ? (int)((double)at->done * 100 / (double)at->total)
                         : 0;
}

static const char *show_left(apr_int64_t left, apr_pool_t *pool)
{
    if (left < 0) {
        return "";
    }
    return left >= 3600
               ? apr_psprintf(pool, "  %" APR_INT64_T_FMT ":%02d:%02d left",
                              left / 3600, (int)(left / 60 % 60),
                              (int)(left % 60))
               : apr_psprintf(pool, "  %d:%02d left", (int)(left / 60),
                              (int)(left % 60));
}

/* A tenth counts where there is little. */
static const char *show_number(double number, apr_pool_t *pool)
{
    int is_whole = number >= 100 || number == (double)(apr_int64_t)number;

    return apr_psprintf(pool, is_whole ? "%.0f" : "%.1f", number);
}

/* By the minute or the hour where a second has less than one. */
static const char *show_rate(double rate, const char *unit, apr_pool_t *pool)
{
    const char *per = "s";

    if (rate < 1) {
        per = rate * 60 < 1 ? "h" : "min";
        rate *= rate * 60 < 1 ? 3600 : 60;
    }
    return apr_psprintf(pool, "  %s %s/%s", show_number(rate, pool), unit,
                        per);
}

static const char *show_figures(const ubal_progress_at_t *at, const char *unit,
                                apr_pool_t *pool)
{
    return apr_psprintf(pool, " %3d %%  %s %s%s%s", percent_of(at),
                        show_number(at->count, pool), unit,
                        at->rate < 0 ? "" : show_rate(at->rate, unit, pool),
                        at->rate < 0 ? "" : show_left(at->left, pool));
}

const char *ubal_progress_bar(const ubal_progress_at_t *at, const char *what,
                              const char *unit, int width, apr_pool_t *pool)
{
    const char *figures = show_figures(at, unit, pool);
    int room =
        width - (int)strlen(what) - (int)strlen(" []") - (int)strlen(figures);
    int size = room > BAR ? BAR : room < BAR_LEAST ? BAR_LEAST : room;
    int full = percent_of(at) * size / 100;
    char bar[BAR + 1], *line;

    full = full < 0 ? 0 : full > size ? size : full;
    memset(bar, '.', (apr_size_t)size);
    memset(bar, '#', (apr_size_t)full);
    bar[size] = '\0';
    line = apr_psprintf(pool, "%s [%s]%s", what, bar, figures);
    if (width > 0 && strlen(line) > (apr_size_t)width) {
        line[width] = '\0';
    }
    return line;
}

static const char *rate_or_null(double rate, apr_pool_t *pool)
{
    return rate < 0 ? "null"
                    : apr_psprintf(pool, rate < 100 ? "%.3f" : "%.0f", rate);
}

static const char *number_or_null(apr_int64_t value, apr_pool_t *pool)
{
    return value < 0 ? "null" : apr_psprintf(pool, "%" APR_INT64_T_FMT, value);
}

const char *ubal_progress_json(const ubal_progress_at_t *at, const char *what,
                               const char *unit, apr_pool_t *pool)
{
    return apr_psprintf(
        pool,
        "{\"progress\":\"%s\",\"percent\":%d,\"%s\":%s,\"rate\":%s,"
        "\"left\":%s}",
        what, percent_of(at), unit, show_number(at->count, pool),
        rate_or_null(at->rate, pool), number_or_null(at->left, pool));
}

static int terminal_width(void)
{
    struct winsize size;

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || size.ws_col < 20
               ? 79
               : size.ws_col - 1;
}

static void print(ubal_progress_t *progress, const ubal_progress_at_t *at)
{
    if (progress->is_json) {
        puts(ubal_progress_json(at, progress->what, progress->unit,
                                progress->pool));
        fflush(stdout);
        return;
    }
    fprintf(stderr, "\r%s\033[K",
            ubal_progress_bar(at, progress->what, progress->unit,
                              terminal_width(), progress->pool));
    fflush(stderr);
    progress->is_shown = 1;
}

void ubal_progress_show(ubal_progress_t *progress, apr_int64_t done,
                        apr_int64_t total, double count)
{
    ubal_progress_at_t at = {done, total, count, -1, -1};
    apr_int64_t now = ubal_owner_now();
    apr_int64_t pause = progress->is_json ? SECOND : SECOND / 10;

    if (!progress->has_begun) {
        progress->has_begun = 1;
        progress->began = progress->shown = now;
        progress->done = done;
        progress->count = count;
    }
    if ((!progress->is_json && !progress->is_terminal) ||
        now - progress->shown < pause) {
        return;
    }
    progress->shown = now;
    apr_pool_clear(progress->pool);
    ubal_progress_reckon(&at, progress->done, progress->count,
                         now - progress->began);
    print(progress, &at);
}

void ubal_progress_end(ubal_progress_t *progress)
{
    if (progress->is_shown) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        progress->is_shown = 0;
    }
}
