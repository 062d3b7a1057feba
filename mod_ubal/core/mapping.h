/* How a vendor spells an item: where its fields are (UbalMap) and what its
 * types are called (UbalType). Knows names, not the values under them. */
#ifndef UBAL_CORE_MAPPING_H
#define UBAL_CORE_MAPPING_H

#include <apr_tables.h>

#include "core/type.h"

typedef enum {
    UBAL_MAP_ID,
    UBAL_MAP_USER_ID,
    UBAL_MAP_CREATED_AT,
    UBAL_MAP_TYPE,
    UBAL_MAP_AMOUNT,
    UBAL_MAP_COUNT
} ubal_map_e;

/* An id may be made of several fields, every other field of one. */
#define UBAL_MAPPING_IDS 6
#define UBAL_MAPPING_PATHS (UBAL_MAPPING_IDS + UBAL_MAP_COUNT - 1)
/* Objects that one path may go into, the item included. */
#define UBAL_MAPPING_DEPTH 8

typedef struct ubal_path_t {
    const char *text;         /* as given: "user.id" */
    const char *const *steps; /* its names, NULL after the last */
} ubal_path_t;

typedef struct ubal_mapping_t {
    /* Those of the id, then one for each later field of ubal_map_e. */
    ubal_path_t paths[UBAL_MAPPING_PATHS];
    int ids;                   /* how many make the id: 1 or more */
    unsigned int mapped;       /* a bit for each field that was mapped */
    apr_array_header_t *types; /* of ubal_spelling_t, those of UbalType */
} ubal_mapping_t;

typedef struct ubal_spelling_t {
    ubal_type_e type;
    const char *name;
} ubal_spelling_t;

/* The field's name: "id", "userId", ... */
const char *ubal_mapping_field(ubal_map_e field);

/* Makes the default dialect's: each field under its own name, the built-in
 * spellings alone. */
ubal_mapping_t *ubal_mapping_make(apr_pool_t *pool);

/* How many of mapping->paths there are, and which is the (first) one of
 * `field`. */
int ubal_mapping_count(const ubal_mapping_t *mapping);
int ubal_mapping_first(const ubal_mapping_t *mapping, ubal_map_e field);

/* The most steps that any path has: 1 unless one leads into an object. */
int ubal_mapping_depth(const ubal_mapping_t *mapping);

/* Sets the `count` paths of the field called `field` (in any case). Returns
 * what is wrong, or NULL: no such field, given before, several for another
 * field than the id or too many, a path twice, an empty step, a control
 * character, more than UBAL_MAPPING_DEPTH steps. */
const char *ubal_mapping_set_field(ubal_mapping_t *mapping, const char *field,
                                   int count, const char *const *paths,
                                   apr_pool_t *pool);

/* Adds a spelling of the type called `type` (in any case). Returns what is
 * wrong, or NULL: no such type, an empty name or one with a control character,
 * a name that was claimed for another type. */
const char *ubal_mapping_add_type(ubal_mapping_t *mapping, const char *type,
                                  const char *name, apr_pool_t *pool);

/* Finds the type by the vendor's spelling: those of UbalType, then the
 * built-in ones. 1 and `*type`, or 0. */
int ubal_mapping_type(ubal_type_e *type, const ubal_mapping_t *mapping,
                      const char *name);

#endif
