/* The daemon's loop: plan, fetch, page, commit, until it is told to end. */
#ifndef UBAL_RUN_H
#define UBAL_RUN_H

#include "core/vendor.h"
#include "owner.h"

/* Migrates and takes over the database of `settings` (secrets read), then
 * fetches until `watch` says to end. Returns NULL for an orderly end; an
 * error is logged by the caller, once, and ends the process with 1. */
ubal_error_t *ubal_run(const ubal_settings_t *settings,
                       const ubal_watch_t *watch, apr_pool_t *pool);

#endif
