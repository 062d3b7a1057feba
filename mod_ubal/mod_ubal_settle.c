/* Settles what holds for one database. Whoever it is for, the first finding
 * is reported where the administrator wrote it. */
#include "mod_ubal_settle.h"

#include <unistd.h>

#include <apr_file_info.h>
#include <apr_strings.h>

#include "mod_ubal_rundir.h"
#include "mod_ubal_tree.h"

static const ubal_given_t *member(const ubal_server_t *server,
                                  apr_size_t offset)
{
    return (const ubal_given_t *)((const char *)server + offset);
}

static int is_equal(const ubal_given_t *a, const ubal_given_t *b)
{
    return !strcmp(a->text, b->text) &&
           (!a->text2 || !strcmp(a->text2, b->text2));
}

/* What the group's servers give at `offset` of ubal_server_t; NULL where none
 * does. */
static const ubal_given_t *own(ubal_report_t *report,
                               const ubal_group_t *group, apr_size_t offset)
{
    const ubal_given_t *found = NULL, *given;
    int i;

    for (i = 0; i < group->servers->nelts; i++) {
        given = member(APR_ARRAY_IDX(group->servers, i, const ubal_server_t *),
                       offset);
        if (!given->at) {
            continue;
        }
        if (found && !is_equal(found, given)) {
            ubal_report_refuse(
                report, given->at,
                "%s is \"%s\" here and \"%s\" at %s:%d, but both are about "
                "the database %s: write the same, or leave one out",
                given->at->directive, given->at->args, found->at->args,
                found->at->filename, found->at->line_num, group->name);
        }
        found = found ? found : given;
    }
    return found;
}

/* The same, or else what the main server gives. */
static const ubal_given_t *value(ubal_report_t *report,
                                 const ubal_group_t *group,
                                 const ubal_server_t *main_server,
                                 apr_size_t offset)
{
    const ubal_given_t *given = own(report, group, offset);

    if (!given && member(main_server, offset)->at) {
        given = member(main_server, offset);
    }
    return given;
}

#define OFFSET(member_) APR_OFFSETOF(ubal_server_t, member_)

/* Which user of one vendor is which of another has no directive yet. */
static const ap_directive_t *take_vendors(ubal_report_t *report,
                                          ubal_group_t *group)
{
    apr_array_header_t *vendors = group->database->settings->vendors;
    const ap_directive_t *first = NULL;
    const ubal_server_t *server;
    const ubal_section_t *section;
    int i, j;

    for (i = 0; i < group->servers->nelts; i++) {
        server = APR_ARRAY_IDX(group->servers, i, const ubal_server_t *);
        for (j = 0; j < server->sections->nelts; j++) {
            section = &APR_ARRAY_IDX(server->sections, j, ubal_section_t);
            if (first) {
                ubal_report_refuse(
                    report, section->at,
                    "<UbalVendor %s> is a second vendor of the database %s, "
                    "beside the one at %s:%d; a database has one so far: "
                    "give this one a vhost with DBDParams of its own",
                    section->vendor->name, group->name, first->filename,
                    first->line_num);
                continue;
            }
            first = section->at;
            APR_ARRAY_PUSH(vendors, ubal_vendor_t *) = section->vendor;
        }
    }
    return first;
}

static void check_program(ubal_report_t *report, const char *program,
                          const ap_directive_t *at)
{
    apr_finfo_t info;
    apr_status_t rv = apr_stat(&info, program, APR_FINFO_TYPE | APR_FINFO_PROT,
                               report->pool);

    if (rv != APR_SUCCESS || info.filetype != APR_REG ||
        access(program, X_OK)) {
        ubal_report_refuse(report, at,
                           "the program %s is missing or not executable; "
                           "write: UbalIngestProgram /path/of/ubal-ingest",
                           program);
    }
}

/* What only a daemon needs. `at` is the vendor's section. */
static void check_daemon(ubal_report_t *report, const ubal_group_t *group,
                         const ap_directive_t *at,
                         const ap_directive_t *program_at)
{
    const ubal_database_t *database = group->database;
    const ap_directive_t *chroot_at;
    ubal_vendor_t *vendor;
    ubal_error_t *err;

    check_program(report, database->program, program_at ? program_at : at);
    vendor = APR_ARRAY_IDX(database->settings->vendors, 0, ubal_vendor_t *);
    err = ubal_vendor_read_secret(vendor, report->pool);
    if (err) {
        ubal_report_refuse(report, at, "<UbalVendor %s>: %s", vendor->name,
                           err->message);
    }
    chroot_at =
        ubal_tree_find("ChrootDir", report->main_server, report->main_server);
    if (chroot_at) {
        ubal_report_refuse(report, chroot_at,
                           "under ChrootDir there is no ubal-ingest, CA file "
                           "or resolver; write: UbalIngest off, and run "
                           "ubal-ingest run --config FILE outside");
    }
}

static void settle_ingest(ubal_report_t *report, ubal_group_t *group,
                          const ubal_server_t *main_server,
                          const ap_directive_t *vendor_at)
{
    const ubal_given_t *own_ingest = own(report, group, OFFSET(ingest));
    const ubal_given_t *ingest = own_ingest ? own_ingest
                                 : main_server->ingest.at
                                     ? &main_server->ingest
                                     : NULL;
    const ubal_given_t *program =
        value(report, group, main_server, OFFSET(program));
    ubal_database_t *database = group->database;

    database->program = program ? program->text : UBAL_INGEST_PROGRAM;
    database->is_ingest_on = vendor_at && (!ingest || ingest->number);
    if (own_ingest && own_ingest->number && !vendor_at) {
        ubal_report_refuse(report, own_ingest->at,
                           "UbalIngest is on, but the database %s has no "
                           "<UbalVendor> to fetch from",
                           group->name);
    }
    if (database->is_ingest_on) {
        check_daemon(report, group, vendor_at, program ? program->at : NULL);
    }
}

/* Beside the file that is written, or where there is none in httpd's own
 * folder. */
static const char *lock_of(const ubal_settings_t *settings, apr_pool_t *pool)
{
    const char *path = settings->params;

    if (strcmp(settings->driver, "sqlite3")) {
        return ubal_rundir_lock(settings->params, pool);
    }
    /* it was checked where it was given; a path stays as it is */
    ubal_settings_sqlite_path(&path, settings->params, 0, pool);
    return apr_pstrcat(pool, path, ".ingest.lock", NULL);
}

void ubal_settle_group(ubal_report_t *report, ubal_group_t *group,
                       const ubal_server_t *main_server)
{
    ubal_database_t *database = group->database;
    ubal_settings_t *settings = ubal_settings_make(report->pool);
    const ubal_given_t *scale, *cache, *log, *ingest_db;

    database->server =
        APR_ARRAY_IDX(group->servers, 0, ubal_server_t *)->server;
    database->settings = settings;
    scale = value(report, group, main_server, OFFSET(scale));
    cache = value(report, group, main_server, OFFSET(cache));
    /* what tells that the figures are of now is SQLite's */
    database->cache_entries = cache && database->path ? cache->number : 0;
    log = value(report, group, main_server, OFFSET(log));
    /* Not inherited: another database's file would be written. */
    ingest_db = own(report, group, OFFSET(ingest_db));
    settings->driver = ingest_db ? ingest_db->text : database->driver;
    settings->params = ingest_db ? ingest_db->text2 : group->name;
    settings->scale = scale ? scale->number : settings->scale;
    settings->log = log ? log->text : NULL;
    settings->lock = lock_of(settings, report->pool);
    settle_ingest(report, group, main_server, take_vendors(report, group));
}
