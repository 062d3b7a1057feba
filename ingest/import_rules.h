/* What an import may do: which vendor it is for, which range it may claim to
 * cover. Knows what is stored, nothing of files. All that takes a database
 * inside a transaction of the owner. */
#ifndef UBAL_IMPORT_RULES_H
#define UBAL_IMPORT_RULES_H

#include "store/import.h"
#include "store/meta.h"
#include "store/vendor_row.h"

typedef struct ubal_rules_t {
    ubal_vendor_row_t row;
    apr_int64_t hull_from, hull_to; /* what all its windows lie in */
    apr_int64_t opening; /* nothing may be imported from before; 0: none */
} ubal_rules_t;

/* Finds the vendor called `name`; "" is the only one there is. UBAL_ERR_INPUT
 * where there is none such. */
ubal_error_t *ubal_rules_vendor(const ubal_vendor_t **vendor,
                                const ubal_settings_t *settings,
                                const char *name, apr_pool_t *pool);

/* Looks at what is stored; UBAL_ERR_INPUT where [from, to) may not be claimed
 * (to 0: none is). */
ubal_error_t *ubal_rules_look(ubal_rules_t *rules, ubal_db_t *db,
                              const ubal_vendor_t *vendor, apr_int64_t from,
                              apr_int64_t to, apr_pool_t *pool);

/* Makes some windows of the import's range, from `*cursor` on: see
 * ubal_import_cover. When it comes to the end what was counted is forgotten.
 */
ubal_error_t *ubal_rules_cover(apr_int64_t *cursor, int *made, ubal_db_t *db,
                               const ubal_vendor_t *vendor,
                               const ubal_import_t *import, apr_pool_t *pool);

/* UBAL_ERR_INPUT where opening balances may not be of `at`. Sets `*since` to
 * where the latest vendor's transactions begin, 0 where none is known. */
ubal_error_t *ubal_rules_opening(apr_int64_t *since, ubal_db_t *db,
                                 const ubal_settings_t *settings,
                                 apr_int64_t at, apr_pool_t *pool);

#endif
