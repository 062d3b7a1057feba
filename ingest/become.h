/* Becoming the user that a database belongs to. */
#ifndef UBAL_BECOME_H
#define UBAL_BECOME_H

#include "core/error.h"

/* Where this process is root, makes it for good the owner (user, group and
 * its other groups) of the folder that the file `path` lies in, so that root
 * makes and touches nothing where another user could have laid a link.
 * UBAL_ERR_SYSTEM where that folder is root's own. Does nothing for others. */
ubal_error_t *ubal_become_owner(const char *path, apr_pool_t *pool);

#endif
