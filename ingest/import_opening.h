/* From a record of a file to a user's opening sums. Knows the names of its
 * fields: userId, and balance or some of earned, spent, payout, paid_out. */
#ifndef UBAL_IMPORT_OPENING_H
#define UBAL_IMPORT_OPENING_H

#include "core/mapping.h"
#include "import_file.h"
#include "store/opening.h"

/* Each type's sum, then: */
#define UBAL_OPENING_BALANCE UBAL_TYPE_COUNT
#define UBAL_OPENING_USER (UBAL_TYPE_COUNT + 1)
#define UBAL_OPENING_FIELDS (UBAL_TYPE_COUNT + 2)

typedef struct ubal_opening_reader_t {
    const ubal_import_file_t *file;
    int scale;
    int column[UBAL_OPENING_FIELDS]; /* of CSV; -1: there is none */
    ubal_mapping_t *mapping;         /* of JSON */
} ubal_opening_reader_t;

/* Finds the columns in the header; UBAL_ERR_INPUT where they are not those. */
ubal_error_t *ubal_opening_reader_make(ubal_opening_reader_t *reader,
                                       const ubal_import_file_t *file,
                                       int scale);

/* Reads the record read last; UBAL_ERR_INPUT, naming its line, where a field
 * is missing or no good. A balance alone is earned or, below zero, spent. */
ubal_error_t *ubal_opening_read(ubal_opening_t *opening,
                                const ubal_opening_reader_t *reader,
                                apr_pool_t *pool);

#endif
