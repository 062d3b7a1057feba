/* From a record to a user's opening sums. See import_opening.h. */
#include "import_opening.h"

#include <string.h>

#include <apr_strings.h>

#include "core/id.h"
#include "core/money.h"
#include "import_item.h"
#include "page.h"
#include "raw.h"
#include "show.h"

static const char *name_of(int field)
{
    return field == UBAL_OPENING_USER ? "userId"
           : field == UBAL_OPENING_BALANCE
               ? "balance"
               : ubal_type_name((ubal_type_e)field);
}

/* Whether there is a user, and either a balance or a sum. */
static ubal_error_t *check_fields(const ubal_import_file_t *file,
                                  const int is_there[UBAL_OPENING_FIELDS])
{
    int type, sums = 0;

    for (type = 0; type < UBAL_TYPE_COUNT; type++) {
        sums += is_there[type];
    }
    if (!is_there[UBAL_OPENING_USER]) {
        return ubal_import_file_fault(file, "there is no userId");
    }
    return (sums > 0) == is_there[UBAL_OPENING_BALANCE]
               ? ubal_import_file_fault(
                     file, "there must be either balance, or some of earned, "
                           "spent, payout and paid_out")
               : NULL;
}

ubal_error_t *ubal_opening_reader_make(ubal_opening_reader_t *reader,
                                       const ubal_import_file_t *file,
                                       int scale)
{
    const char *names[UBAL_OPENING_FIELDS];
    int i, is_there[UBAL_OPENING_FIELDS];
    ubal_error_t *err = NULL;

    *reader = (ubal_opening_reader_t){.file = file, .scale = scale};
    for (i = 0; i < UBAL_OPENING_FIELDS && !err; i++) {
        names[i] = name_of(i);
        err = ubal_import_column(&reader->column[i], file, names[i]);
        is_there[i] = !err && reader->column[i] >= 0;
    }
    if (err || file->format == UBAL_IMPORT_CSV) {
        return err ? err : check_fields(file, is_there);
    }
    /* an id may be made of so many fields, whatever they are */
    reader->mapping = ubal_mapping_make(file->pool);
    ubal_mapping_set_field(reader->mapping, "id", UBAL_OPENING_FIELDS, names,
                           file->pool);
    return NULL;
}

static ubal_error_t *split(ubal_field_t *fields,
                           const ubal_opening_reader_t *reader,
                           apr_pool_t *pool)
{
    const ubal_import_file_t *file = reader->file;
    ubal_slice_t slice = {file->text, file->length};
    const char *fault;
    int i;

    if (reader->mapping) {
        fault = ubal_page_fields(fields, ubal_raw_keep(&slice, pool),
                                 reader->mapping, pool);
        return fault ? ubal_import_file_fault(file, fault) : NULL;
    }
    if (file->csv.count != file->columns) {
        return ubal_import_file_fault(
            file, "it has not as many fields as the header");
    }
    for (i = 0; i < UBAL_OPENING_FIELDS; i++) {
        int column = reader->column[i];

        fields[i] = (ubal_field_t){.kind = UBAL_FIELD_MISSING};
        if (column >= 0) {
            fields[i].kind = UBAL_FIELD_STRING;
            fields[i].text =
                apr_pstrmemdup(pool, file->csv.fields[column].text,
                               file->csv.fields[column].length);
            fields[i].length = file->csv.fields[column].length;
        }
    }
    return NULL;
}

static int is_text(const ubal_field_t *field)
{
    return field->kind == UBAL_FIELD_STRING ||
           field->kind == UBAL_FIELD_NUMBER;
}

static ubal_error_t *read_user(const char **user, const ubal_field_t *field,
                               const ubal_import_file_t *file,
                               apr_pool_t *pool)
{
    const char *fault =
        !is_text(field) || (field->kind == UBAL_FIELD_NUMBER &&
                            strspn(field->text, "-0123456789") < field->length)
            ? "is neither text nor a whole number"
            : ubal_id_fault(field->text, field->length);

    *user = field->text;
    return fault ? ubal_import_file_fault(
                       file, apr_pstrcat(pool, "userId ", fault, NULL))
                 : NULL;
}

static ubal_error_t *read_amount(apr_int64_t *minor, const ubal_field_t *field,
                                 const ubal_opening_reader_t *reader, int name,
                                 apr_pool_t *pool)
{
    const char *fault = "is no number";
    ubal_error_t *err;

    if (is_text(field)) {
        err = ubal_money_parse(minor, field->text, field->length,
                               reader->scale, pool);
        if (!err) {
            return NULL;
        }
        fault = apr_pstrcat(pool, "'",
                            ubal_show_text(field->text, field->length, pool),
                            "' ", err->message, NULL);
    }
    return ubal_import_file_fault(
        reader->file, apr_pstrcat(pool, name_of(name), ": ", fault, NULL));
}

ubal_error_t *ubal_opening_read(ubal_opening_t *opening,
                                const ubal_opening_reader_t *reader,
                                apr_pool_t *pool)
{
    ubal_field_t fields[UBAL_MAPPING_PATHS] = {0};
    int i, is_there[UBAL_OPENING_FIELDS];
    apr_int64_t balance = 0, *of = opening->sums.of;
    ubal_error_t *err = split(fields, reader, pool);

    *opening = (ubal_opening_t){0};
    for (i = 0; !err && i < UBAL_OPENING_FIELDS; i++) {
        is_there[i] = fields[i].kind != UBAL_FIELD_MISSING;
    }
    if (!err) {
        err = check_fields(reader->file, is_there);
    }
    if (!err) {
        err = read_user(&opening->user_id, &fields[UBAL_OPENING_USER],
                        reader->file, pool);
    }
    for (i = 0; !err && i <= UBAL_OPENING_BALANCE; i++) {
        if (is_there[i]) {
            err = read_amount(i == UBAL_OPENING_BALANCE ? &balance : &of[i],
                              &fields[i], reader, i, pool);
        }
    }
    if (balance) {
        of[balance > 0 ? UBAL_TYPE_EARNED : UBAL_TYPE_SPENT] =
            balance > 0 ? balance : -balance;
    }
    return err;
}
