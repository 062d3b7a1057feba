/* A folder of ours in a folder that only root can write: what is in it is
 * httpd's User's. See mod_ubal_rundir.h. */
#include "mod_ubal_rundir.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <http_config.h>
#include <http_log.h>

#include <apr_strings.h>
#include <unixd.h>

#include "core/digest.h"
#include "mod_ubal.h"

APLOG_USE_MODULE(ubal);

static const char *folder(apr_pool_t *pool)
{
    return ap_runtime_dir_relative(pool, "ubal");
}

const char *ubal_rundir_lock(const char *params, apr_pool_t *pool)
{
    apr_uint64_t digest[2];

    ubal_digest_make(digest, params, strlen(params));
    return apr_psprintf(pool, "%s/%016" APR_UINT64_T_HEX_FMT ".ingest.lock",
                        folder(pool), digest[0]);
}

/* Another's folder, or a link to one, is none that may hold the lock. */
static int is_ours(const struct stat *found, uid_t user)
{
    return S_ISDIR(found->st_mode) && found->st_uid == user &&
           !(found->st_mode & (S_IWGRP | S_IWOTH));
}

apr_status_t ubal_rundir_make(server_rec *s, apr_pool_t *pool)
{
    const char *path = folder(pool);
    uid_t user = geteuid() ? geteuid() : ap_unixd_config.user_id;
    struct stat found;
    int rv = 0;

    if (!mkdir(path, 0700)) {
        rv = !geteuid() && lchown(path, user, ap_unixd_config.group_id) ? errno
                                                                        : 0;
    } else if (errno != EEXIST) {
        rv = errno;
    } else if (lstat(path, &found)) {
        rv = errno;
    } else if (!is_ours(&found, user)) {
        rv = EPERM;
    }
    if (rv) {
        ap_log_error(APLOG_MARK, APLOG_EMERG, rv, s,
                     "%s cannot be the folder of ubal-ingest's locks: it has "
                     "to be httpd's User's, and closed to others",
                     path);
    }
    return rv;
}
