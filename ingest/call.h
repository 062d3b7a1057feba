/* A command's call of a verb: through the daemon's socket where one runs on
 * this database, else in this process, under the lock. Errors tell the exit
 * code by their kind: see ubal_call_exit. */
#ifndef UBAL_CALL_H
#define UBAL_CALL_H

#include "cmd.h"

typedef struct ubal_call_t ubal_call_t;

/* Gets the words of one line that the verb said; an error ends the call. */
typedef ubal_error_t *(*ubal_call_line_t)(void *baton,
                                          const apr_array_header_t *words,
                                          apr_pool_t *pool);

/* Calls verb words[0] (`words` ends with NULL) that takes no frames, and hands
 * each of its lines to `on_line` (NULL: they are dropped). A daemon that ends
 * in the middle is followed by the next one, which is then asked: only for
 * verbs that may be run twice. */
ubal_error_t *ubal_call_run(const ubal_cmd_t *cmd, const char *const *words,
                            ubal_call_line_t on_line, void *baton);

/* Begins a call of a verb that takes frames; `pool` lives as long as the call,
 * and its cleanup breaks off what was not ended. */
ubal_error_t *ubal_call_open(ubal_call_t **call, const ubal_cmd_t *cmd,
                             const char *const *words, apr_pool_t *pool);

/* Sends a frame of 1 to UBAL_VERB_FRAME_MAX bytes. Frames may be sent ahead of
 * their answers, a few (4): with more on the way, who sends must read first.
 * Where it cannot be sent any more, ubal_call_read says why. */
void ubal_call_send(ubal_call_t *call, const char *bytes, apr_size_t length);

/* Sends the last, empty frame. What follows is to be read to its end. */
void ubal_call_finish(ubal_call_t *call);

/* Reads the next line: `*words` (in `pool`), or NULL where the verb has ended
 * well. Its error is returned as it was made in the owner. Waits as long as
 * the owner takes. UBAL_ERR_NET: the daemon is gone, and what became of
 * frames without an answer is not known. */
ubal_error_t *ubal_call_read(const apr_array_header_t **words,
                             ubal_call_t *call, apr_pool_t *pool);

/* Prints the error and returns the exit code: UBAL_EXIT_USAGE for
 * UBAL_ERR_INPUT, UBAL_EXIT_BUSY for UBAL_ERR_NET (nobody answers, or the
 * daemon is gone) and UBAL_ERR_FENCED, else UBAL_EXIT_FAILED. NULL: prints
 * nothing, UBAL_EXIT_DONE. */
int ubal_call_exit(const ubal_error_t *err);

#endif
