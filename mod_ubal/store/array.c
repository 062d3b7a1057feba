/* PostgreSQL's arrays as text. See array.h. */
#include "store/array.h"

#include <string.h>

ubal_array_t ubal_array_make(apr_pool_t *pool)
{
    ubal_array_t array = {.text = ubal_text_make(pool)};

    ubal_text_put(&array.text, '{');
    return array;
}

static void begin_element(ubal_array_t *array)
{
    ubal_text_need(&array->text, 1);
    if (array->count++) {
        ubal_text_put(&array->text, ',');
    }
}

void ubal_array_add_text(ubal_array_t *array, const char *text)
{
    ubal_text_t *to = &array->text;

    begin_element(array);
    ubal_text_need(to, 2 * strlen(text) + 2);
    ubal_text_put(to, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') {
            ubal_text_put(to, '\\');
        }
        ubal_text_put(to, *text);
    }
    ubal_text_put(to, '"');
}

void ubal_array_add_int(ubal_array_t *array, apr_int64_t number)
{
    begin_element(array);
    ubal_text_put_int(&array->text, number);
}

const char *ubal_array_end(ubal_array_t *array)
{
    ubal_text_t *text = &array->text;

    ubal_text_need(text, 2);
    text->bytes[text->length] = '}';
    text->bytes[text->length + 1] = '\0';
    return text->bytes;
}
