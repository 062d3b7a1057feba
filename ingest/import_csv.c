/* One record of CSV. See import_csv.h. */
#include "import_csv.h"

#include <string.h>

/* Where a reading is. */
typedef struct reader_t {
    ubal_csv_t *csv;
    const char *at, *end;
    char *scratch; /* free from here */
    int is_last;
} reader_t;

/* What follows a field. */
typedef enum {
    NEXT_FIELD,
    NEXT_RECORD,
    NEXT_TEXT, /* not there yet */
    NEXT_NONE  /* nothing good */
} next_e;

static next_e refuse(reader_t *reader, const char *fault)
{
    reader->csv->fault = fault;
    return NEXT_NONE;
}

/* The text ends: within a field that is still open, or one that may have been
 * longer, it is cut. */
static next_e end_text(reader_t *reader, const char *fault)
{
    if (!reader->is_last) {
        return NEXT_TEXT;
    }
    return fault ? refuse(reader, fault) : NEXT_RECORD;
}

/* Takes the comma or line end at reader->at; `cut` is the fault where the text
 * ends instead. */
static next_e end_field(reader_t *reader, const char *cut)
{
    const char *at = reader->at;

    if (at == reader->end) {
        return end_text(reader, cut);
    }
    if (*at == ',') {
        reader->at++;
        return NEXT_FIELD;
    }
    if (*at == '\r' && at + 1 == reader->end) {
        return end_text(reader, "a carriage return is not followed by a line "
                                "feed");
    }
    if (*at == '\n' || (*at == '\r' && at[1] == '\n')) {
        reader->at += *at == '\r' ? 2 : 1;
        reader->csv->lines++;
        return NEXT_RECORD;
    }
    return refuse(reader, *at == '\r'
                              ? "a carriage return is not followed by a line "
                                "feed"
                              : "a quoted field goes on behind its quote");
}

/* Copies a quoted field that has doubled quotes. */
static void unquote(reader_t *reader, ubal_csv_field_t *field)
{
    const char *from = field->text, *end = from + field->length;
    char *to = reader->scratch;

    field->text = to;
    while (from < end) {
        *to++ = *from;
        from += *from == '"' ? 2 : 1;
    }
    field->length = (apr_size_t)(to - field->text);
    reader->scratch = to;
}

static next_e read_quoted(reader_t *reader, ubal_csv_field_t *field)
{
    const char *p = ++reader->at;
    int has_quotes = 0;

    field->text = p;
    field->is_quoted = 1;
    for (;; p++) {
        if (p == reader->end ||
            (*p == '"' && p + 1 == reader->end && !reader->is_last)) {
            return end_text(reader, "a quote is never closed");
        }
        if (*p == '\n') {
            reader->csv->lines++;
        } else if (*p == '"' && p + 1 < reader->end && p[1] == '"') {
            has_quotes = 1;
            p++;
        } else if (*p == '"') {
            break;
        }
    }
    field->length = (apr_size_t)(p - field->text);
    reader->at = p + 1;
    if (has_quotes) {
        unquote(reader, field);
    }
    return end_field(reader, NULL);
}

static next_e read_plain(reader_t *reader, ubal_csv_field_t *field)
{
    const char *p = reader->at;

    while (p < reader->end && *p != ',' && *p != '\n' && *p != '\r') {
        if (*p == '"') {
            return refuse(reader, "a quote stands in a field that is not "
                                  "quoted");
        }
        p++;
    }
    field->text = reader->at;
    field->length = (apr_size_t)(p - reader->at);
    field->is_quoted = 0;
    reader->at = p;
    return end_field(reader, "it has no line end, so that more of it may be "
                             "missing");
}

static next_e read_field(reader_t *reader)
{
    ubal_csv_t *csv = reader->csv;

    if (csv->count == UBAL_CSV_FIELDS) {
        return refuse(reader, "it has more than 256 fields");
    }
    if (reader->at < reader->end && *reader->at == '"') {
        return read_quoted(reader, &csv->fields[csv->count++]);
    }
    return read_plain(reader, &csv->fields[csv->count++]);
}

apr_ssize_t ubal_csv_read(ubal_csv_t *csv, const char *text, apr_size_t length,
                          int is_last)
{
    reader_t reader = {csv, text, text + length, csv->scratch, is_last};
    apr_size_t taken;
    next_e next;

    csv->count = csv->lines = 0;
    csv->fault = NULL;
    do {
        next = read_field(&reader);
    } while (next == NEXT_FIELD);
    if (next != NEXT_RECORD) {
        return next == NEXT_TEXT ? 0 : -1;
    }
    taken = (apr_size_t)(reader.at - text);
    csv->length = taken;
    while (csv->length && csv->lines && csv->length > taken - 2 &&
           strchr("\r\n", text[csv->length - 1])) {
        csv->length--;
    }
    if (csv->count == 1 && !csv->fields[0].length &&
        !csv->fields[0].is_quoted) {
        csv->count = 0;
    }
    return (apr_ssize_t)taken;
}
