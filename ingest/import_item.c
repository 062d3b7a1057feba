/* From a record to an item. See import_item.h. */
#include "import_item.h"

#include <string.h>

#include <apr_strings.h>

#include "page.h"
#include "raw.h"
#include "show.h"

ubal_error_t *ubal_import_column(int *column, const ubal_import_file_t *file,
                                 const char *name)
{
    int i;

    *column = -1;
    for (i = 0; i < file->columns; i++) {
        if (strlen(name) != file->header[i].length ||
            memcmp(name, file->header[i].text, file->header[i].length)) {
            continue;
        }
        if (*column >= 0) {
            return ubal_import_file_fault(
                file, apr_pstrcat(file->pool, "the header has the column ",
                                  name, " twice", NULL));
        }
        *column = i;
    }
    return NULL;
}

static const char *show_header(const ubal_import_file_t *file)
{
    const char *shown = "";
    int i;

    for (i = 0; i < file->columns && i < 20; i++) {
        shown = apr_pstrcat(file->pool, shown, i ? ", " : "",
                            ubal_show_text(file->header[i].text,
                                           file->header[i].length, file->pool),
                            NULL);
    }
    return shown;
}

ubal_error_t *ubal_import_mapper_make(ubal_import_mapper_t *mapper,
                                      const ubal_import_file_t *file,
                                      const ubal_vendor_t *vendor, int scale)
{
    ubal_error_t *err = NULL;
    int i;

    mapper->vendor = vendor;
    mapper->scale = scale;
    if (file->format != UBAL_IMPORT_CSV) {
        return NULL;
    }
    for (i = 0; i < ubal_mapping_count(vendor->mapping) && !err; i++) {
        const char *name = vendor->mapping->paths[i].text;

        err = ubal_import_column(&mapper->column[i], file, name);
        if (!err && mapper->column[i] < 0) {
            err = ubal_import_file_fault(
                file, apr_pstrcat(file->pool, "the header has no column ",
                                  name, "; it has ", show_header(file), NULL));
        }
    }
    return err;
}

static void read_fields(ubal_item_t *item, const ubal_import_mapper_t *mapper,
                        const ubal_import_file_t *file, apr_pool_t *pool)
{
    const ubal_mapping_t *mapping = mapper->vendor->mapping;
    ubal_field_t fields[UBAL_MAPPING_PATHS];
    int i;

    if (file->csv.count != file->columns) {
        item->fault =
            apr_psprintf(pool, "has %d fields, where the header has %d",
                         file->csv.count, file->columns);
        return;
    }
    for (i = 0; i < ubal_mapping_count(mapping); i++) {
        const ubal_csv_field_t *field = &file->csv.fields[mapper->column[i]];

        fields[i].kind = UBAL_FIELD_STRING;
        fields[i].text = apr_pstrmemdup(pool, field->text, field->length);
        fields[i].length = field->length;
    }
    ubal_map_item(item, mapping, fields, mapper->scale, pool);
}

void ubal_import_item(ubal_item_t *item, const ubal_import_mapper_t *mapper,
                      const ubal_import_file_t *file, apr_pool_t *pool)
{
    ubal_slice_t slice = {file->text, file->length};
    const char *raw = ubal_raw_keep(&slice, pool);

    memset(item, 0, sizeof(*item));
    if (file->format == UBAL_IMPORT_CSV) {
        read_fields(item, mapper, file, pool);
        item->raw = raw;
    } else {
        ubal_page_item(item, raw, mapper->vendor->mapping, mapper->scale,
                       pool);
    }
    /* without an id, equal bytes at another place are another item */
    item->key =
        item->id ? apr_pstrcat(pool, "i", item->id, NULL)
                 : apr_psprintf(pool, "r%s.at%" APR_INT64_T_FMT,
                                ubal_raw_digest(&slice, pool), file->position);
}
