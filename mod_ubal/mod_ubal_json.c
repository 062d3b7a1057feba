/* Writes JSON. See mod_ubal_json.h. */
#include "mod_ubal_json.h"

#include <string.h>

#include "core/id.h"
#include "core/money.h"
#include "core/time.h"

/* The most bytes that one byte of text becomes: \u00xx. */
#define ESCAPED 6

void ubal_json_begin(ubal_json_t *json, const ubal_location_t *location,
                     int scale, apr_size_t room, apr_pool_t *pool)
{
    json->text = apr_palloc(pool, room);
    json->length = 0;
    json->room = room;
    json->amounts = location->amounts;
    json->scale = scale;
    json->pool = pool;
}

/* Where the next `more` bytes go, and a zero byte behind them. */
static char *reserve(ubal_json_t *json, apr_size_t more)
{
    char *text;

    if (json->room - json->length <= more) {
        json->room = 2 * json->room + more + 1;
        text = apr_palloc(json->pool, json->room);
        memcpy(text, json->text, json->length);
        json->text = text;
    }
    return json->text + json->length;
}

static void end(ubal_json_t *json, char *out)
{
    *out = '\0';
    json->length = (apr_size_t)(out - json->text);
}

void ubal_json_put(ubal_json_t *json, const char *text)
{
    apr_size_t length = strlen(text);

    memcpy(reserve(json, length), text, length + 1);
    json->length += length;
}

/* Writes `c` as it stands in a string; returns where the next goes. */
static char *put_byte(char *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";

    if (c == '"' || c == '\\') {
        *out++ = '\\';
    } else if (c < 0x20 || c == 0x7f) {
        memcpy(out, "\\u00", 4);
        out[4] = hex[c >> 4];
        out[5] = hex[c & 15];
        return out + 6;
    }
    *out++ = (char)c;
    return out;
}

/* The length of the UTF-8 character that `text` begins with; 0 for none. */
static apr_size_t character(const char *text)
{
    apr_size_t length;

    for (length = 1; length <= 4; length++) {
        if (ubal_id_is_utf8(text, length)) {
            return length;
        }
        if (!text[length]) {
            break;
        }
    }
    return 0;
}

void ubal_json_string(ubal_json_t *json, const char *text)
{
    char *out = reserve(json, ESCAPED * strlen(text) + 2);
    apr_size_t length;

    *out++ = '"';
    while (*text) {
        if ((unsigned char)*text < 0x80) {
            out = put_byte(out, (unsigned char)*text++);
        } else if ((length = character(text))) {
            memcpy(out, text, length);
            out += length;
            text += length;
        } else {
            memcpy(out, "\xef\xbf\xbd", 3); /* U+FFFD */
            out += 3;
            text++;
        }
    }
    *out++ = '"';
    end(json, out);
}

void ubal_json_amount(ubal_json_t *json, apr_int64_t minor)
{
    char *out = reserve(json, UBAL_MONEY_LENGTH + 2);
    int is_string = json->amounts == UBAL_AMOUNTS_STRING;

    if (is_string) {
        *out++ = '"';
    }
    out += ubal_money_write(
        out, minor, json->amounts == UBAL_AMOUNTS_MINOR ? 0 : json->scale,
        is_string ? UBAL_MONEY_FIXED : UBAL_MONEY_SHORTEST);
    if (is_string) {
        *out++ = '"';
    }
    end(json, out);
}

void ubal_json_instant(ubal_json_t *json, apr_int64_t us)
{
    char *out = reserve(json, UBAL_TIME_LENGTH + 2);

    *out++ = '"';
    out += ubal_time_write(out, us);
    *out++ = '"';
    end(json, out);
}
