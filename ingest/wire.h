/* What goes over the socket between a command and the daemon: lines of words,
 * and frames. Pure: knows no descriptor.
 *
 *   daemon:   ubal/1                         at once
 *   command:  ubal/1 <verb> <word>...        one line, then, where the verb
 *             <length, 4 bytes, big endian> <bytes>   takes them, frames
 *   daemon:   line <word>...                 as many as the verb says
 *             ok                             or
 *             error <kind> <sentence>        and closes
 *
 * Words are parted by one space; in them everything but printable ASCII, and
 * "%", is %XX. A word without bytes is "%". */
#ifndef UBAL_WIRE_H
#define UBAL_WIRE_H

#include <apr_tables.h>

#include "core/error.h"

#define UBAL_WIRE_VERSION "ubal/1"
#define UBAL_WIRE_LINE_MAX 65536 /* bytes, its newline included */
#define UBAL_WIRE_HEAD 4         /* bytes before those of a frame */

/* The words (const char *) as a line, without newline. */
const char *ubal_wire_print(const apr_array_header_t *words, apr_pool_t *pool);

/* Reads line[0..length), which has no newline, into an array of const char *.
 * UBAL_ERR_INPUT where it was not made by ubal_wire_print. */
ubal_error_t *ubal_wire_parse(apr_array_header_t **words, const char *line,
                              apr_size_t length, apr_pool_t *pool);

/* The words from the second on. */
apr_array_header_t *ubal_wire_rest(const apr_array_header_t *words,
                                   apr_pool_t *pool);

/* The line that ends a call: "ok" for NULL. */
const char *ubal_wire_print_end(const ubal_error_t *err, apr_pool_t *pool);

/* The error of the words "error <kind> <sentence>"; one of its own where they
 * are not that. Never NULL. */
ubal_error_t *ubal_wire_error(const apr_array_header_t *words,
                              apr_pool_t *pool);

/* The bytes that a frame of `length` begins with, and back. */
void ubal_wire_put_length(unsigned char head[UBAL_WIRE_HEAD],
                          apr_size_t length);
apr_size_t ubal_wire_length(const char *head);

#endif
