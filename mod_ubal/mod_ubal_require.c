/* Finds the Require in force at each mount. Of the Locations that cover a URL
 * and have one, the last that stands in the configuration takes the place of
 * all others, a vhost's that of the main server's, also where it holds for
 * some methods alone; unless AuthMerging has it added. */
#include "mod_ubal_require.h"

#include <apr_strings.h>

#include "mod_ubal_mount.h"
#include "mod_ubal_tree.h"

/* A <Location> that says who is let in. */
typedef struct rule_t {
    const char *path; /* as it is written: "/user/" does not cover "/user" */
    const ap_directive_t *at;
    server_rec *server;
    int is_whole; /* it has one that holds for every method */
} rule_t;

typedef struct check_t {
    ubal_report_t *report;
    apr_array_header_t *rules; /* of rule_t, in the order they stand */
    server_rec *server;        /* whose requests */
} check_t;

static void add_rule(check_t *check, const ap_directive_t *section,
                     int is_whole)
{
    ubal_report_t *report = check->report;
    int count = check->rules->nelts;
    rule_t *rule =
        count ? &APR_ARRAY_IDX(check->rules, count - 1, rule_t) : NULL;

    if (!rule || rule->at != section) {
        rule = apr_array_push(check->rules);
        rule->path = ubal_tree_argument(section, 0, report->pool);
        rule->at = section;
        rule->server = ubal_tree_server(section, report->main_server);
        rule->is_whole = 0;
    }
    rule->is_whole |= is_whole;
}

static int is_merging(const ap_directive_t *section)
{
    const ap_directive_t *at = ubal_tree_child(section, "AuthMerging");

    return at && ap_cstr_casecmp(at->args, "off") != 0;
}

/* One in <If> or its kin does not count: it holds for some requests, and
 * leaves what is around to the others. */
static void gather_require(check_t *check, const ap_directive_t *at,
                           const ap_directive_t *section)
{
    const ap_directive_t *around;
    int is_limited = 0;

    for (around = at->parent; around != section; around = around->parent) {
        if (ubal_tree_is(around, "<Limit") ||
            ubal_tree_is(around, "<LimitExcept")) {
            is_limited = 1;
        } else if (strncasecmp(around->directive, "<Require", 8)) {
            return;
        }
    }
    if (!is_limited || !is_merging(section)) {
        add_rule(check, section, !is_limited);
    }
}

static void gather(void *baton, const ap_directive_t *at)
{
    check_t *check = baton;
    const ap_directive_t *section = ubal_tree_section(at);

    if (!ubal_tree_location(section, check->report->pool)) {
        return;
    }
    if (ubal_tree_is(at, "Require")) {
        gather_require(check, at, section);
    } else if (ubal_tree_is(at, "AuthMerging") && at->parent == section &&
               !is_merging(section)) {
        add_rule(check, section, 0);
    }
}

/* As httpd compares a Location with a URL. */
static int covers(const char *path, const char *url)
{
    apr_size_t length = strlen(path);

    return !strncmp(path, url, length) &&
           (path[length - 1] == '/' || url[length] == '/' || !url[length]);
}

/* The last rule of `of` that covers `url`; `or_else` where none does. */
static const rule_t *last_of(const check_t *check, server_rec *of,
                             const char *url, const rule_t *or_else)
{
    const rule_t *rule = or_else;
    int i;

    for (i = 0; i < check->rules->nelts; i++) {
        const rule_t *each = &APR_ARRAY_IDX(check->rules, i, const rule_t);

        if (each->server == of && covers(each->path, url)) {
            rule = each;
        }
    }
    return rule;
}

static const rule_t *in_force(const check_t *check, const char *url)
{
    const rule_t *rule = last_of(check, check->report->main_server, url, NULL);

    return last_of(check, check->server, url, rule);
}

/* What is the main server's alone is not said of each vhost again. */
static int is_said(const check_t *check, const ubal_mount_t *mount,
                   const rule_t *rule)
{
    return mount->server != check->server &&
           (!rule || rule->server != check->server);
}

static void refuse_rule(const check_t *check, const rule_t *rule)
{
    ubal_report_refuse(check->report, rule->at,
                       "<Location \"%s\"> puts aside each Require around it "
                       "and has none that holds for all methods, so that the "
                       "others are open to everyone: give it one, such as: "
                       "Require local",
                       rule->path);
}

/* A Require of the document root does not protect a mount, whose requests
 * pass by it. */
static void check_mount(const check_t *check, const ubal_mount_t *mount)
{
    const char *path = ubal_tree_argument(mount->at, 0, check->report->pool);
    const rule_t *rule = in_force(check, path), *each;
    int i;

    if (!rule && !is_said(check, mount, rule)) {
        ubal_report_refuse(check->report, mount->at,
                           "<Location \"%s\"> is open to everyone who can "
                           "reach this server: give it a Require, such as: "
                           "Require local",
                           path);
    }
    if (rule && !rule->is_whole && !is_said(check, mount, rule)) {
        refuse_rule(check, rule);
    }
    for (i = 0; i < check->rules->nelts; i++) {
        each = &APR_ARRAY_IDX(check->rules, i, const rule_t);
        if (each != rule && !each->is_whole && covers(path, each->path) &&
            in_force(check, each->path) == each &&
            !is_said(check, mount, each)) {
            refuse_rule(check, each);
        }
    }
}

void ubal_require_check(ubal_report_t *report)
{
    check_t check = {report, NULL, NULL};
    const apr_array_header_t *mounts;
    server_rec *s;
    int i;

    check.rules = apr_array_make(report->pool, 4, sizeof(rule_t));
    ubal_tree_walk(gather, &check);
    for (s = report->main_server; s; s = s->next) {
        check.server = s;
        mounts = ubal_config_of(s, report->pool)->mounts;
        for (i = 0; i < mounts->nelts; i++) {
            check_mount(&check, &APR_ARRAY_IDX(mounts, i, const ubal_mount_t));
        }
    }
}
