/* From a record of a file to an item, by the vendor's mapping. Knows which
 * column is which field; what fields mean is map.c's. */
#ifndef UBAL_IMPORT_ITEM_H
#define UBAL_IMPORT_ITEM_H

#include "core/item.h"
#include "core/vendor.h"
#include "import_file.h"
#include "map.h"

typedef struct ubal_import_mapper_t {
    const ubal_vendor_t *vendor;
    int scale;
    int column[UBAL_MAPPING_PATHS]; /* of CSV, for each path of the mapping */
} ubal_import_mapper_t;

/* Finds the columns in the file's header; UBAL_ERR_INPUT where one is missing
 * or there twice. */
ubal_error_t *ubal_import_mapper_make(ubal_import_mapper_t *mapper,
                                      const ubal_import_file_t *file,
                                      const ubal_vendor_t *vendor, int scale);

/* Finds the column `name`, -1 where there is none; UBAL_ERR_INPUT where it is
 * there twice. */
ubal_error_t *ubal_import_column(int *column, const ubal_import_file_t *file,
                                 const char *name);

/* Makes the item of the record read last: storable, or with a fault. Without
 * an id its key is made of its bytes and position. */
void ubal_import_item(ubal_item_t *item, const ubal_import_mapper_t *mapper,
                      const ubal_import_file_t *file, apr_pool_t *pool);

#endif
