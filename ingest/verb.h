/* Verbs: what commands have the owner do, who alone may write. A verb runs in
 * the owner, between its rounds: in the daemon, asked through its socket
 * (control.h), or, where no daemon runs, in the command's own process, which
 * then holds the lock (call.h). The code is the same and cannot tell. */
#ifndef UBAL_VERB_H
#define UBAL_VERB_H

#include "task.h"

/* The bytes of a frame are at most so many. */
#define UBAL_VERB_FRAME_MAX (1024 * 1024)

/* What a step wants to be called for next. */
typedef enum {
    UBAL_VERB_DONE,  /* nothing: the caller is told ok */
    UBAL_VERB_MORE,  /* more work, in a later turn of the loop */
    UBAL_VERB_FRAME, /* the caller's next frame */
    UBAL_VERB_IDLE   /* no request of any task is in flight; after that step
                      * all tasks take their plan from the store again */
} ubal_verb_next_e;

/* A frame of bytes that the caller sent; length 0: it has sent its last. */
typedef struct ubal_frame_t {
    const char *bytes;
    apr_size_t length;
} ubal_frame_t;

/* One call of a verb, from its words to its last step. */
typedef struct ubal_session_t {
    ubal_daemon_t *daemon; /* taken over; loop NULL in a command's process */
    const apr_array_header_t *tasks; /* of ubal_task_t *; empty there */
    const apr_array_header_t *words; /* of const char *; the first is the
                                      * verb's name */
    const ubal_frame_t *frame; /* of this step; NULL: it was not for one */
    int keeps_plan;   /* set by a step after which tasks need not take their
                       * plan again */
    void *state;      /* the verb's own; NULL at the first step */
    apr_pool_t *pool; /* of the call: also cleared where the caller
                       * is gone, so that cleanups end what began */
    apr_pool_t *step; /* of this step alone */
    apr_array_header_t *lines; /* what was said, for who runs the session */
} ubal_session_t;

/* A step of a verb. It begins and ends its own transactions (ubal_meta_begin
 * with session->daemon->owner) and leaves none open, as other work comes in
 * between; it updates coverage before its commit where that can change. It
 * takes 50 ms or so: longer work returns UBAL_VERB_MORE. Each frame is to be
 * answered by one line, at the latest before the next is asked for.
 * An error (rolled back) ends the call and is told to the caller; where the
 * database was busy for a moment (ubal_task_is_passing), the step is called
 * once more with the same frame instead, a little later: state must be as
 * before. UBAL_ERR_FENCED also ends the daemon. */
typedef ubal_error_t *(*ubal_verb_step_t)(ubal_verb_next_e *next,
                                          ubal_session_t *session);

typedef struct ubal_verb_t {
    const char *name;
    int needs_idle; /* its first step is as one after UBAL_VERB_IDLE */
    ubal_verb_step_t step;
} ubal_verb_t;

/* Finds a verb; NULL where there is none of that name. */
const ubal_verb_t *ubal_verb_find(const char *name);

/* Ends the words of a line. */
#define UBAL_VERB_END ((const char *)0)

/* Says one line to the caller: words, ended by UBAL_VERB_END; any text is a
 * word. */
void ubal_verb_say(ubal_session_t *session, ...) __attribute__((sentinel));

/* The call's word `index`, counted from the verb's name; NULL where it has
 * not so many. */
const char *ubal_verb_word(const ubal_session_t *session, int index);

/* The verbs, each in a file with others of its matter (verb_<matter>.c). */
ubal_error_t *ubal_verb_accept(ubal_verb_next_e *next,
                               ubal_session_t *session);
ubal_error_t *ubal_verb_retry(ubal_verb_next_e *next, ubal_session_t *session);
ubal_error_t *ubal_verb_replay(ubal_verb_next_e *next,
                               ubal_session_t *session);
ubal_error_t *ubal_verb_drop(ubal_verb_next_e *next, ubal_session_t *session);
ubal_error_t *ubal_verb_repair(ubal_verb_next_e *next,
                               ubal_session_t *session);
ubal_error_t *ubal_verb_backfill(ubal_verb_next_e *next,
                                 ubal_session_t *session);
ubal_error_t *ubal_verb_cancel(ubal_verb_next_e *next,
                               ubal_session_t *session);
ubal_error_t *ubal_verb_reconcile(ubal_verb_next_e *next,
                                  ubal_session_t *session);
ubal_error_t *ubal_verb_import(ubal_verb_next_e *next,
                               ubal_session_t *session);
ubal_error_t *ubal_verb_opening(ubal_verb_next_e *next,
                                ubal_session_t *session);

#endif
