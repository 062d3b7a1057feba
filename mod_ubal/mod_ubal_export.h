/* A walk as a file: rows one after the other, as many as there are. Knows the
 * formats; not which rows. */
#ifndef MOD_UBAL_EXPORT_H
#define MOD_UBAL_EXPORT_H

#include "mod_ubal_json.h"
#include "mod_ubal_walk.h"

typedef enum {
    UBAL_EXPORT_CSV,   /* RFC 4180, with a header */
    UBAL_EXPORT_NDJSON /* a JSON object a line */
} ubal_export_e;

/* Puts a transaction as a JSON object. */
void ubal_export_put(ubal_json_t *json, const ubal_list_row_t *row);

/* Sends the page of `walk` and, where `is_whole`, all after it, reading each
 * when the client has taken the one before. Returns what a handler returns; an
 * error on the way is logged and ends the connection. */
int ubal_export_send(request_rec *r, ubal_walk_t *walk, ubal_export_e format,
                     int is_whole);

#endif
