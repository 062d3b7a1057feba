/* PostgreSQL's COPY, text format. See lines.h. */
#include "store/lines.h"

#include <string.h>

ubal_lines_t ubal_lines_make(apr_pool_t *pool)
{
    return (ubal_lines_t){.text = ubal_text_make(pool)};
}

static void begin_value(ubal_lines_t *lines)
{
    ubal_text_need(&lines->text, 1);
    if (lines->is_begun) {
        ubal_text_put(&lines->text, '\t');
    }
    lines->is_begun = 1;
}

/* What stands for a byte that would end a value or a row; 0: it itself. */
static char escape_of(char byte)
{
    switch (byte) {
    case '\\':
        return '\\';
    case '\t':
        return 't';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    default:
        return 0;
    }
}

void ubal_lines_add_text(ubal_lines_t *lines, const char *text)
{
    begin_value(lines);
    ubal_text_need(&lines->text, 2 * strlen(text));
    for (; *text; text++) {
        char escape = escape_of(*text);

        if (escape) {
            ubal_text_put(&lines->text, '\\');
        }
        ubal_text_put(&lines->text, escape ? escape : *text);
    }
}

void ubal_lines_add_int(ubal_lines_t *lines, apr_int64_t number)
{
    begin_value(lines);
    ubal_text_put_int(&lines->text, number);
}

void ubal_lines_end_row(ubal_lines_t *lines)
{
    ubal_text_need(&lines->text, 1);
    ubal_text_put(&lines->text, '\n');
    lines->is_begun = 0;
    lines->rows++;
}
