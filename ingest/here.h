/* A verb's call in the command's own process, which holds the lock and is the
 * owner for as long as it lasts. */
#ifndef UBAL_HERE_H
#define UBAL_HERE_H

#include "cmd.h"
#include "verb.h"

typedef struct ubal_here_t ubal_here_t;

/* Takes the database over, under the lock `lock_fd`, and begins a call of
 * `words` (const char *, the verb first). The lock goes with `pool`. */
ubal_error_t *ubal_here_open(ubal_here_t **here, const ubal_cmd_t *cmd,
                             int lock_fd, const apr_array_header_t *words,
                             apr_pool_t *pool);

/* Runs steps until the frame is used, or the call is over. */
void ubal_here_send(ubal_here_t *here, const ubal_frame_t *frame);

/* The next line, NULL at the end; as ubal_call_read. */
ubal_error_t *ubal_here_read(const apr_array_header_t **words,
                             ubal_here_t *here, apr_pool_t *pool);

#endif
