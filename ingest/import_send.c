/* Batches to the owner. See import_send.h. */
#include "import_send.h"

#include <apr_strings.h>

#define AHEAD_MOST 3

static ubal_error_t *read_answer(int *has_answer, ubal_send_t *send)
{
    const apr_array_header_t *words;
    ubal_error_t *err;
    int i;

    apr_pool_clear(send->line);
    err = ubal_call_read(&words, send->call, send->line);
    *has_answer = !err && words;
    for (i = 0; *has_answer && i < UBAL_SEND_WORDS; i++) {
        send->words[i] =
            i < words->nelts ? APR_ARRAY_IDX(words, i, const char *) : "";
    }
    return err ? ubal_error_make(err->kind, send->pool, "%s", err->message)
               : NULL;
}

static ubal_error_t *expect_answer(ubal_send_t *send)
{
    int has_answer;
    ubal_error_t *err = read_answer(&has_answer, send);

    if (!err && !has_answer) {
        err = ubal_error_make(UBAL_ERR_SYSTEM, send->pool,
                              "the import ended before its time");
    }
    send->ahead -= send->ahead > 0;
    return err;
}

ubal_error_t *ubal_send_open(ubal_send_t *send, const ubal_cmd_t *cmd,
                             const char *const *words, apr_pool_t *pool)
{
    ubal_error_t *err;

    send->ahead = 0;
    send->pool = pool;
    apr_pool_create(&send->line, pool);
    err = ubal_call_open(&send->call, cmd, words, pool);
    return err ? err : expect_answer(send);
}

ubal_error_t *ubal_send_batch(ubal_send_t *send, const ubal_batch_t *batch)
{
    ubal_call_send(send->call, batch->bytes, batch->length);
    send->ahead++;
    return send->ahead > AHEAD_MOST ? expect_answer(send) : NULL;
}

ubal_error_t *ubal_send_drain(ubal_send_t *send)
{
    ubal_error_t *err = NULL;

    while (!err && send->ahead) {
        err = expect_answer(send);
    }
    return err;
}

ubal_error_t *ubal_send_finish(ubal_send_t *send)
{
    int has_answer = 1;
    ubal_error_t *err = ubal_send_drain(send);

    if (!err) {
        ubal_call_finish(send->call);
        err = expect_answer(send);
    }
    /* its words stay: what is read now is the end alone */
    if (!err) {
        const apr_array_header_t *words;

        err = ubal_call_read(&words, send->call, send->pool);
        has_answer = !err && words;
    }
    return err || !has_answer
               ? err
               : ubal_error_make(UBAL_ERR_SYSTEM, send->pool,
                                 "the import did not end when it should");
}

apr_int64_t ubal_send_number(const ubal_send_t *send, int index)
{
    return apr_atoi64(send->words[index]);
}
