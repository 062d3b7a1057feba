/* From a record to an item. See import_item.h. */
#include "import_item.h"

#include <string.h>

#include <apr_base64.h>
#include <apr_escape.h>
#include <apr_sha1.h>
#include <apr_strings.h>

#include "core/id.h"
#include "page.h"
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

/* The bytes as they came, in a form that any database takes as text. */
static const char *keep_raw(const char *text, apr_size_t length,
                            apr_pool_t *pool)
{
    static const char prefix[] = "base64:";
    char *raw;

    if (ubal_id_is_utf8(text, length)) {
        return apr_pstrmemdup(pool, text, length);
    }
    raw = apr_palloc(pool, sizeof(prefix) +
                               (apr_size_t)apr_base64_encode_len((int)length));
    memcpy(raw, prefix, sizeof(prefix) - 1);
    apr_base64_encode(raw + sizeof(prefix) - 1, text, (int)length);
    return raw;
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

/* Equal bytes at another place of the file are another item. */
static const char *key_of(const ubal_import_file_t *file, apr_pool_t *pool)
{
    unsigned char digest[APR_SHA1_DIGESTSIZE];
    char hex[2 * APR_SHA1_DIGESTSIZE + 1];
    apr_sha1_ctx_t sha1;

    apr_sha1_init(&sha1);
    apr_sha1_update_binary(&sha1, (const unsigned char *)file->text,
                           (unsigned int)file->length);
    apr_sha1_final(digest, &sha1);
    apr_escape_hex(hex, digest, sizeof(digest), 0, NULL);
    return apr_psprintf(pool, "r%s.at%" APR_INT64_T_FMT, hex, file->position);
}

void ubal_import_item(ubal_item_t *item, const ubal_import_mapper_t *mapper,
                      const ubal_import_file_t *file, apr_pool_t *pool)
{
    const char *raw = keep_raw(file->text, file->length, pool);

    memset(item, 0, sizeof(*item));
    if (file->format == UBAL_IMPORT_CSV) {
        read_fields(item, mapper, file, pool);
        item->raw = raw;
    } else {
        ubal_page_item(item, raw, mapper->vendor->mapping, mapper->scale,
                       pool);
    }
    item->key =
        item->id ? apr_pstrcat(pool, "i", item->id, NULL) : key_of(file, pool);
}
