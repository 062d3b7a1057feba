/* What a reply's status and headers say. Knows no curl and no body. */
#include "fetch_reply.h"

#include <apr_date.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/time.h"

/* Copies the value of the header `name`, if `line` is that. A value too long
 * to be one is left out. */
static void take(char out[64], const char *name, const char *line,
                 apr_size_t length)
{
    apr_size_t width = strlen(name);

    if (length <= width || line[width] != ':' ||
        strncasecmp(line, name, width) != 0) {
        return;
    }
    line += width + 1;
    length -= width + 1;
    while (length && isspace((unsigned char)*line)) {
        line++;
        length--;
    }
    while (length && isspace((unsigned char)line[length - 1])) {
        length--;
    }
    if (length < 64) {
        memcpy(out, line, length);
        out[length] = '\0';
    }
}

void ubal_head_add(ubal_head_t *head, const char *line, apr_size_t length)
{
    if (length >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        memset(head, 0, sizeof(*head));
    }
    take(head->date, "Date", line, length);
    take(head->retry_after, "Retry-After", line, length);
}

/* The delay in us, -1 where the text is neither seconds nor a date. */
static apr_int64_t read_delay(const char *text, apr_int64_t date)
{
    const char *digit = text;
    apr_int64_t delay = 0;

    for (; *digit >= '0' && *digit <= '9'; digit++) {
        if (delay < UBAL_TIME_DAY) {
            delay = delay * 10 + (*digit - '0') * UBAL_TIME_SECOND;
        }
    }
    if (!*text || *digit) {
        apr_int64_t until = *text ? apr_date_parse_http(text) : 0;

        if (!until || !date) {
            return -1;
        }
        delay = until > date ? until - date : 0;
    }
    return delay < UBAL_TIME_DAY ? delay : UBAL_TIME_DAY;
}

void ubal_head_read(ubal_reply_t *reply, const ubal_head_t *head)
{
    reply->date = *head->date ? apr_date_parse_http(head->date) : 0;
    reply->retry_after = read_delay(head->retry_after, reply->date);
}

static const char *meaning(int status)
{
    switch (status) {
    case 401:
    case 403:
        return ": it refuses the credentials";
    case 404:
    case 410:
        return ": there is no list at UbalURL";
    case 429:
        return ": too many requests";
    default:
        return status / 100 == 3 ? ": redirect refused" : "";
    }
}

ubal_error_t *ubal_head_judge(int status, apr_pool_t *pool)
{
    return status == 200
               ? NULL
               : ubal_error_make(UBAL_ERR_VENDOR, pool, "answered %d%s",
                                 status, meaning(status));
}
