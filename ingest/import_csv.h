/* One record of CSV as RFC 4180 has it: pure, knows characters alone. Line
 * ends are CR LF or LF; a field may be quoted, and then hold commas, line ends
 * and doubled quotes. */
#ifndef UBAL_IMPORT_CSV_H
#define UBAL_IMPORT_CSV_H

#include <apr.h>

#define UBAL_CSV_FIELDS 256

typedef struct ubal_csv_field_t {
    const char *text; /* in the record's text, or in its scratch */
    apr_size_t length;
    int is_quoted;
} ubal_csv_field_t;

typedef struct ubal_csv_t {
    ubal_csv_field_t fields[UBAL_CSV_FIELDS];
    int count;         /* fields; 0: an empty line */
    apr_size_t length; /* bytes of the record, without its line end */
    int lines;         /* line ends in it, its own included */
    const char *fault; /* what is wrong; a static phrase */
    char *scratch;     /* room for as many bytes as the text has */
} ubal_csv_t;

/* Reads the record that text[0..length) begins with into `csv`, whose scratch
 * is set. Returns how many bytes it takes with its line end; 0 where its end
 * is not in the text (with `is_last`, an end of the text that cuts nothing off
 * ends it too); -1 with csv->fault where it is no CSV, csv->lines being how
 * many line ends come before. */
apr_ssize_t ubal_csv_read(ubal_csv_t *csv, const char *text, apr_size_t length,
                          int is_last);

#endif
