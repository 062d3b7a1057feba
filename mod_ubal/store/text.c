/* Text that grows. See text.h. */
#include "store/text.h"

#include <string.h>

#include "core/money.h"

#define ROOM_AT_FIRST 4096

ubal_text_t ubal_text_make(apr_pool_t *pool)
{
    return (ubal_text_t){.bytes = apr_palloc(pool, ROOM_AT_FIRST),
                         .room = ROOM_AT_FIRST,
                         .pool = pool};
}

void ubal_text_need(ubal_text_t *text, apr_size_t length)
{
    apr_size_t room = text->room;
    char *bytes;

    length += text->length;
    if (length <= room) {
        return;
    }
    while (room < length) {
        room *= 2;
    }
    bytes = apr_palloc(text->pool, room);
    memcpy(bytes, text->bytes, text->length);
    text->bytes = bytes;
    text->room = room;
}

void ubal_text_put_int(ubal_text_t *text, apr_int64_t number)
{
    ubal_text_need(text, UBAL_MONEY_LENGTH);
    text->length += ubal_money_write(text->bytes + text->length, number, 0,
                                     UBAL_MONEY_SHORTEST);
}
