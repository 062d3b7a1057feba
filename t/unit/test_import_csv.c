/* CSV is read as RFC 4180 has it, in whatever pieces it comes, and what is cut
 * or malformed is told, never guessed. */
#include <stdlib.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "import_csv.h"
#include "tap.h"

static char scratch[4096];
static ubal_csv_t csv;

/* The fields as "[a][b]", those that were quoted in {}. */
static const char *fields(void)
{
    static char text[4096];
    char *out = text;
    int i;

    *out = '\0';
    for (i = 0; i < csv.count; i++) {
        const ubal_csv_field_t *f = &csv.fields[i];

        out += sprintf(out, f->is_quoted ? "{%.*s}" : "[%.*s]", (int)f->length,
                       f->text);
    }
    return text;
}

static apr_ssize_t take(const char *text, int is_last)
{
    csv.scratch = scratch;
    return ubal_csv_read(&csv, text, strlen(text), is_last);
}

static void is_record(const char *text, int taken, const char *expected,
                      int lines, const char *what)
{
    tap_is_int(take(text, 0), taken, "%s: its bytes", what);
    tap_is_str(fields(), expected, "%s: its fields", what);
    tap_is_int(csv.lines, lines, "%s: its lines", what);
}

static void is_fault(const char *text, const char *part)
{
    apr_ssize_t taken = take(text, 1);

    tap_ok(taken == -1 && strstr(csv.fault, part), "refused: %s", part);
}

static void test_records(void)
{
    is_record("a,b\nc", 4, "[a][b]", 1, "two fields");
    is_record("a,b\r\nc", 5, "[a][b]", 1, "CR LF");
    is_record(",\n", 2, "[][]", 1, "empty fields");
    is_record("\n", 1, "", 1, "an empty line");
    is_record("\"\"\n", 3, "{}", 1, "a quoted empty field");
    is_record("\"a,\"\"b\"\"\r\nc\",d\n", 15, "{a,\"b\"\r\nc}[d]", 2,
              "quotes, commas and line ends in quotes");
    is_record("\"\"\"\"\n", 5, "{\"}", 1, "a quote alone");
    tap_is_int((long long)csv.length, 4, "without its line end");
    take("a,b\r\n", 0);
    tap_is_int((long long)csv.length, 3, "without CR LF");
    tap_is_int(take("a,\"b\"", 1), 5, "a last quoted field is whole");
}

static void test_faults(void)
{
    is_fault("a,b", "no line end");
    is_fault("a,", "no line end");
    is_fault("a,\"b", "never closed");
    is_fault("a,\"b\"\"", "never closed");
    is_fault("a,b\"\n", "a quote stands");
    is_fault("\"a\"b\n", "goes on behind");
    is_fault("a\rb\n", "carriage return");
    is_fault("a\r", "carriage return");
}

/* Each beginning of a record is not one yet. */
static void test_cut(void)
{
    static const char whole[] = "a,\"b\"\"c\r\n\",\"\"\r\n";
    apr_size_t i;
    int wrong = 0;

    csv.scratch = scratch;
    for (i = 1; i < sizeof(whole) - 1; i++) {
        wrong += ubal_csv_read(&csv, whole, i, 0) != 0;
    }
    tap_is_int(wrong, 0, "a record that is not all there is waited for");
    tap_is_int(ubal_csv_read(&csv, whole, sizeof(whole) - 1, 0),
               sizeof(whole) - 1, "and then read");
}

static void test_many(void)
{
    char text[2 * UBAL_CSV_FIELDS + 2];

    memset(text, ',', sizeof(text));
    text[UBAL_CSV_FIELDS - 1] = '\n';
    csv.scratch = scratch;
    tap_is_int(ubal_csv_read(&csv, text, UBAL_CSV_FIELDS, 0), UBAL_CSV_FIELDS,
               "256 fields are read");
    tap_is_int(csv.count, UBAL_CSV_FIELDS, "all of them");
    text[UBAL_CSV_FIELDS - 1] = ',';
    text[UBAL_CSV_FIELDS] = '\n';
    tap_is_int(ubal_csv_read(&csv, text, UBAL_CSV_FIELDS + 1, 0), -1,
               "257 are not");
}

static unsigned int seed = 1;

static unsigned int next(unsigned int below)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 16) % below;
}

/* Writes random fields, quoted where they need it, and reads them back. */
static int round_trip(void)
{
    static const char bytes[] = "ab\",\r\n\xc3\xa9 ";
    char text[2048], expected[1024], *out = text, *want = expected;
    unsigned int i, j, count = 1 + next(5);

    for (i = 0; i < count; i++) {
        unsigned int length = next(8);

        out += sprintf(out, i ? ",\"" : "\"");
        *want++ = '{';
        for (j = 0; j < length; j++) {
            char c = bytes[next(sizeof(bytes) - 1)];

            *out++ = c;
            if (c == '"') {
                *out++ = c;
            }
            *want++ = c;
        }
        *out++ = '"';
        *want++ = '}';
    }
    *out++ = '\n';
    *want = '\0';
    csv.scratch = scratch;
    return ubal_csv_read(&csv, text, (apr_size_t)(out - text), 0) ==
               out - text &&
           !strcmp(fields(), expected);
}

/* Any bytes: what is taken lies within them, and its fields do. */
static int is_bounded(void)
{
    static const char bytes[] = "a\",\r\n";
    apr_size_t i, length = 1 + next(40);
    char *text = malloc(length);
    apr_ssize_t taken;
    int good, is_last = (int)next(2);

    for (i = 0; i < length; i++) {
        text[i] = bytes[next(sizeof(bytes) - 1)];
    }
    csv.scratch = malloc(length);
    taken = ubal_csv_read(&csv, text, length, is_last);
    good = taken >= -1 && taken <= (apr_ssize_t)length &&
           (taken >= 0 || csv.fault) && (!is_last || taken);
    for (i = 0; taken > 0 && i < (apr_size_t)csv.count; i++) {
        const ubal_csv_field_t *f = &csv.fields[i];

        good &= (f->text >= text && f->text + f->length <= text + taken) ||
                (f->text >= csv.scratch &&
                 f->text + f->length <= csv.scratch + length);
    }
    free(csv.scratch);
    free(text);
    return good;
}

int main(void)
{
    int i, wrong = 0;

    test_records();
    test_faults();
    test_cut();
    test_many();
    for (i = 0; i < 20000; i++) {
        wrong += !round_trip();
    }
    tap_is_int(wrong, 0, "what is written as CSV is read back");
    for (i = wrong = 0; i < 100000; i++) {
        wrong += !is_bounded();
    }
    tap_is_int(wrong, 0, "any bytes are read within their bounds");
    return tap_done();
}
