/* What is imported as a file that can be read twice. */
#ifndef UBAL_IMPORT_SPOOL_H
#define UBAL_IMPORT_SPOOL_H

#include "core/error.h"

/* Opens the file at `path`, for reading; "-" is standard input: where that is
 * no file, it is read to its end into one without a name in `folder`. The
 * caller closes `*fd`. */
ubal_error_t *ubal_import_spool(int *fd, apr_int64_t *size, const char *path,
                                const char *folder, apr_pool_t *pool);

#endif
