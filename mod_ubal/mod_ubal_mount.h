/* Where the handler is mounted, and the hooks that take a mounted request past
 * the document root. Knows Locations; not what is asked below them. */
#ifndef MOD_UBAL_MOUNT_H
#define MOD_UBAL_MOUNT_H

#include "mod_ubal_config.h"
#include "mod_ubal_report.h"

/* The handlers: a user's figures, and the outstanding payouts of all. */
#define UBAL_MOUNT_HANDLER "ubal"
#define UBAL_MOUNT_PAYOUTS "ubal-payouts"

/* A Location whose handler is ours. */
typedef struct ubal_mount_t {
    const char *handler; /* one of the names above, the very pointer that
                          * ubal_mount_handler() gives */
    const char *path;    /* as ubal_tree_location() gives it */
    server_rec *server;
    const ap_directive_t *at; /* the section */
} ubal_mount_t;

/* Fills the mounts of every server from the configuration. Refuses what
 * cannot be a mount: a handler of ours set by anything but a plain Location,
 * and names that only look like ours. */
void ubal_mount_collect(ubal_report_t *report);

/* The one of our handlers that is called `name`; NULL for any other name, and
 * for NULL. */
const char *ubal_mount_handler(const char *name);

/* What follows the mount's path in `uri`, "" or beginning with "/", where the
 * longest mount of `handler` on `server` that covers it ends; NULL where none
 * does. */
const char *ubal_mount_rest(const ubal_server_t *server, const char *handler,
                            const char *uri);

/* httpd's translate_name: names a mounted request "ubal:<uri>", so that no
 * one looks for it among the files. Declines where another handler is in
 * force or a proxy took it. */
int ubal_mount_translate(request_rec *r);

/* httpd's map_to_storage: spares such a request the walks through directories
 * and files, and core's TRACE. */
int ubal_mount_map(request_rec *r);

/* httpd's type_checker: sets the handler before mod_mime can read a type, an
 * encoding or filters out of what looks like an extension: user a.gz is not
 * compressed, and a.shtml no page of SSI. */
int ubal_mount_type(request_rec *r);

#endif
