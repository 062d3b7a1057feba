/* What a reply's status and headers say. Knows no curl and no body. */
#ifndef UBAL_FETCH_REPLY_H
#define UBAL_FETCH_REPLY_H

#include "fetch.h"

/* The headers that matter, as text; "" where they did not come. */
typedef struct ubal_head_t {
    char date[64];
    char retry_after[64];
} ubal_head_t;

/* Takes one header line, line[0..length), with or without its line end. A
 * status line begins anew: what came before was an interim reply. */
void ubal_head_add(ubal_head_t *head, const char *line, apr_size_t length);

/* Sets date and retry_after of `reply` from `head`. A Retry-After that is a
 * date counts from the reply's own Date, without one as none; whatever it
 * says is capped to 24 h, and one in the past is 0. */
void ubal_head_read(ubal_reply_t *reply, const ubal_head_t *head);

/* The error (UBAL_ERR_VENDOR) that a status other than 200 is, or NULL. */
ubal_error_t *ubal_head_judge(int status, apr_pool_t *pool);

#endif
