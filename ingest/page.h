/* Reads a vendor's reply into a page: the only file family that knows JSON.
 * Knows no network, no database, no clock. */
#ifndef UBAL_PAGE_H
#define UBAL_PAGE_H

#include "core/error.h"
#include "core/item.h"
#include "core/mapping.h"
#include "map.h"

/* Reads body[0..length), the JSON text of one page, its
 * items as `mapping` says, with amounts at `scale`. `page_number` is what was
 * asked for. Each element of "items" becomes one item: storable, or with a
 * fault that says which field is wrong and why (missing, null, of another
 * kind, named twice, out of range ...). Amounts are taken from the number's
 * own digits, or from a string of exactly a JSON number; a userId or id may
 * be an integer number (its digits); createdAt text or integer. meta and its
 * numbers may be missing: total is then -1. UBAL_ERR_VENDOR where the text is
 * not one whole JSON object with one array "items": nothing of it is used;
 * the sentence shows the first bytes, escaped. */
ubal_error_t *ubal_page_read(ubal_page_t **page, const char *body,
                             apr_size_t length, int page_number,
                             const ubal_mapping_t *mapping, int scale,
                             apr_pool_t *pool);

/* Reads one item again from `raw`, what was kept of it as item->raw, just as
 * ubal_page_read does: storable, or with a fault. */
void ubal_page_item(ubal_item_t *item, const char *raw,
                    const ubal_mapping_t *mapping, int scale,
                    apr_pool_t *pool);

/* Reads the fields of an object kept as `raw`, one for each path of `mapping`,
 * whatever they mean; returns what is wrong with it, or NULL. */
const char *ubal_page_fields(ubal_field_t *fields, const char *raw,
                             const ubal_mapping_t *mapping, apr_pool_t *pool);

#endif
