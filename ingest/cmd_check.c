/* ubal-ingest check: what each vendor answers now, the first items as they
 * would be stored. Under the lock, because each request costs a slot. */
#include "cmd.h"

#include <stdio.h>
#include <unistd.h>

#include "check.h"
#include "core/money.h"
#include "core/time.h"
#include "takeover.h"

#define SHOWN 5

/* All that printing needs. */
typedef struct shown_t {
    const ubal_vendor_t *vendor;
    const ubal_check_t *check;
    int scale;
    int dead;  /* items that could not be stored */
    int shown; /* items to show */
    apr_pool_t *pool;
} shown_t;

static const ubal_item_t *item_at(const shown_t *shown, int index)
{
    return &APR_ARRAY_IDX(shown->check->page->items, index, const ubal_item_t);
}

static void print_item(const shown_t *shown, const ubal_item_t *item)
{
    if (item->fault) {
        printf("  dead letter: %s\n", item->fault);
        return;
    }
    printf("  %s  user %s  %s  %s %s\n", item->id, item->user_id,
           ubal_time_print(item->created_at, shown->pool),
           ubal_type_name(item->type),
           ubal_money_print(item->amount, shown->scale, shown->pool));
}

static void print_text(const shown_t *shown)
{
    const ubal_check_t *check = shown->check;
    int i;

    if (check->err) {
        printf("vendor %s: FAILED: %s\n", shown->vendor->name,
               check->err->message);
        return;
    }
    printf("vendor %s: %d items (%d dead letters) in %" APR_INT64_T_FMT
           " ms\n",
           shown->vendor->name, check->page->items->nelts, shown->dead,
           check->ms);
    for (i = 0; i < shown->shown; i++) {
        print_item(shown, item_at(shown, i));
    }
    if (check->page->contradiction) {
        printf("  contradiction: %s\n", check->page->contradiction);
    }
}

/* `key` brings its comma along. */
static void json_text(const char *key, const char *text)
{
    fputs(key, stdout);
    ubal_cmd_print_string(text);
}

static void json_item(const shown_t *shown, const ubal_item_t *item)
{
    json_text("{\"fault\":", item->fault);
    if (!item->fault) {
        json_text(",\"id\":", item->id);
        json_text(",\"userId\":", item->user_id);
        json_text(",\"createdAt\":",
                  ubal_time_print(item->created_at, shown->pool));
        json_text(",\"type\":", ubal_type_name(item->type));
        printf(",\"amount\":%s",
               ubal_money_print(item->amount, shown->scale, shown->pool));
    }
    putchar('}');
}

static void print_json(const shown_t *shown)
{
    const ubal_check_t *check = shown->check;
    int i;

    json_text("{\"vendor\":", shown->vendor->name);
    json_text(",\"fault\":", check->err ? check->err->message : NULL);
    printf(",\"status\":%d,\"ms\":%" APR_INT64_T_FMT, check->status,
           check->ms);
    if (!check->err) {
        json_text(",\"contradiction\":", check->page->contradiction);
        printf(",\"seen\":%d,\"dead\":%d,\"items\":[",
               check->page->items->nelts, shown->dead);
        for (i = 0; i < shown->shown; i++) {
            fputs(i ? "," : "", stdout);
            json_item(shown, item_at(shown, i));
        }
        putchar(']');
    }
    puts("}");
}

/* One vendor; JSON is one object a line. */
static void print(const ubal_cmd_t *cmd, const ubal_vendor_t *vendor,
                  const ubal_check_t *check)
{
    shown_t shown = {vendor, check, cmd->settings->scale, 0, 0, cmd->pool};
    int i, count = check->err ? 0 : check->page->items->nelts;

    shown.shown = count < SHOWN ? count : SHOWN;
    for (i = 0; i < count; i++) {
        shown.dead += item_at(&shown, i)->fault != NULL;
    }
    (cmd->is_json ? print_json : print_text)(&shown);
}

static ubal_error_t *check_all(int *failed, ubal_daemon_t *daemon,
                               const ubal_cmd_t *cmd)
{
    const apr_array_header_t *vendors = cmd->settings->vendors;
    ubal_error_t *err = ubal_takeover(daemon, cmd->pool);
    int i;

    if (!err) {
        err = ubal_loop_make(&daemon->loop, cmd->pool);
    }
    for (i = 0; !err && i < vendors->nelts; i++) {
        const ubal_vendor_t *vendor =
            APR_ARRAY_IDX(vendors, i, const ubal_vendor_t *);
        ubal_check_t check;

        err = ubal_check_vendor(&check, daemon, vendor, cmd->pool);
        if (!err) {
            print(cmd, vendor, &check);
            *failed |= check.err != NULL;
        }
    }
    return err;
}

int ubal_cmd_check(const ubal_cmd_t *cmd)
{
    ubal_watch_t watch = cmd->watch;
    ubal_daemon_t daemon = {.settings = cmd->settings, .watch = &watch};
    int failed = 0, code = ubal_cmd_lock(&watch.lock_fd, cmd);
    ubal_error_t *err;

    if (code != UBAL_EXIT_DONE) {
        return code;
    }
    watch.lock_path = cmd->settings->lock;
    err = check_all(&failed, &daemon, cmd);
    close(watch.lock_fd);
    if (err) {
        return ubal_cmd_fail(err);
    }
    return failed ? UBAL_EXIT_FAILED : UBAL_EXIT_DONE;
}
