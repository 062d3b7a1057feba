/* PostgreSQL's arrays as text. See array.h. */
#include "store/array.h"

#include <string.h>

#include <apr_strings.h>

#define ROOM_AT_FIRST 4096
#define INT_LENGTH 24

ubal_array_t ubal_array_make(apr_pool_t *pool)
{
    ubal_array_t array = {.room = ROOM_AT_FIRST, .length = 1, .pool = pool};

    array.text = apr_palloc(pool, array.room);
    array.text[0] = '{';
    return array;
}

/* Room for that many bytes more, and what ends the text. */
static void need(ubal_array_t *array, apr_size_t length)
{
    apr_size_t room = array->room;
    char *text;

    length += array->length + 2;
    if (length <= room) {
        return;
    }
    while (room < length) {
        room *= 2;
    }
    text = apr_palloc(array->pool, room);
    memcpy(text, array->text, array->length);
    array->text = text;
    array->room = room;
}

static void begin_element(ubal_array_t *array)
{
    if (array->count++) {
        array->text[array->length++] = ',';
    }
}

void ubal_array_add_text(ubal_array_t *array, const char *text)
{
    need(array, 2 * strlen(text) + 3);
    begin_element(array);
    array->text[array->length++] = '"';
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') {
            array->text[array->length++] = '\\';
        }
        array->text[array->length++] = *text;
    }
    array->text[array->length++] = '"';
}

void ubal_array_add_int(ubal_array_t *array, apr_int64_t number)
{
    need(array, INT_LENGTH);
    begin_element(array);
    array->length += (apr_size_t)apr_snprintf(
        array->text + array->length, INT_LENGTH, "%" APR_INT64_T_FMT, number);
}

const char *ubal_array_end(ubal_array_t *array)
{
    array->text[array->length] = '}';
    array->text[array->length + 1] = '\0';
    return array->text;
}
