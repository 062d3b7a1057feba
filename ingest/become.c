/* Becoming the user that a database belongs to. Knows user ids alone. */
#include "become.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <apr_strings.h>

/* The other groups of `uid`; none where it has no name. */
static int take_groups(uid_t uid, gid_t gid)
{
    const struct passwd *user = getpwuid(uid);

    return user ? initgroups(user->pw_name, gid) : setgroups(0, NULL);
}

ubal_error_t *ubal_become_owner(const char *path, apr_pool_t *pool)
{
    char *folder = apr_pstrdup(pool, path);
    char *slash = strrchr(folder, '/');
    struct stat info;
    apr_status_t rv;

    if (geteuid() != 0) {
        return NULL;
    }
    if (slash) {
        slash[slash == folder] = '\0';
    }
    if (stat(slash ? folder : ".", &info)) {
        rv = errno;
        return ubal_error_make(UBAL_ERR_SYSTEM, pool, "cannot look at %s: %pm",
                               folder, &rv);
    }
    if (info.st_uid == 0) {
        return ubal_error_make(UBAL_ERR_SYSTEM, pool,
                               "the folder %s belongs to root: give it to the "
                               "user that httpd's children run as",
                               folder);
    }
    if (take_groups(info.st_uid, info.st_gid) || setgid(info.st_gid) ||
        setuid(info.st_uid)) {
        rv = errno;
        return ubal_error_make(UBAL_ERR_SYSTEM, pool,
                               "cannot become user %ld: %pm",
                               (long)info.st_uid, &rv);
    }
    return NULL;
}
