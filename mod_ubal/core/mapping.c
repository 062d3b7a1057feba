/* Where a vendor's fields are and what its types are called; see mapping.h. */
#include "core/mapping.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>
#include <strings.h>

static const char *const fields[UBAL_MAP_COUNT] = {
    [UBAL_MAP_ID] = "id",
    [UBAL_MAP_USER_ID] = "userId",
    [UBAL_MAP_CREATED_AT] = "createdAt",
    [UBAL_MAP_TYPE] = "type",
    [UBAL_MAP_AMOUNT] = "amount",
};

const char *ubal_mapping_field(ubal_map_e field)
{
    return fields[field];
}

int ubal_mapping_count(const ubal_mapping_t *mapping)
{
    return mapping->ids + UBAL_MAP_COUNT - 1;
}

int ubal_mapping_first(const ubal_mapping_t *mapping, ubal_map_e field)
{
    return field == UBAL_MAP_ID ? 0 : mapping->ids + (int)field - 1;
}

static const char *name_fault(const char *name)
{
    if (!*name) {
        return "is empty";
    }
    for (; *name; name++) {
        if (apr_iscntrl(*name)) {
            return "has a control character";
        }
    }
    return NULL;
}

/* Cuts `text` into the steps of `path`; returns what is wrong, or NULL. */
static const char *cut_path(ubal_path_t *path, const char *text,
                            apr_pool_t *pool)
{
    const char **steps =
        apr_pcalloc(pool, (UBAL_MAPPING_DEPTH + 1) * sizeof(*steps));
    char *at = apr_pstrdup(pool, text);
    int count = 0;

    if (name_fault(text)) {
        return name_fault(text);
    }
    path->text = apr_pstrdup(pool, text);
    path->steps = steps;
    while (at) {
        char *dot = strchr(at, '.');

        if (count == UBAL_MAPPING_DEPTH) {
            return apr_psprintf(pool, "has more than %d names",
                                UBAL_MAPPING_DEPTH);
        }
        if (dot) {
            *dot++ = '\0';
        }
        if (!*at) {
            return "has an empty name before, between or after its dots";
        }
        steps[count++] = at;
        at = dot;
    }
    return NULL;
}

ubal_mapping_t *ubal_mapping_make(apr_pool_t *pool)
{
    ubal_mapping_t *mapping = apr_pcalloc(pool, sizeof(*mapping));
    int i;

    mapping->ids = 1;
    mapping->types = apr_array_make(pool, 2, sizeof(ubal_spelling_t));
    for (i = 0; i < UBAL_MAP_COUNT; i++) {
        cut_path(&mapping->paths[i], fields[i], pool);
    }
    return mapping;
}

int ubal_mapping_depth(const ubal_mapping_t *mapping)
{
    int i, j, depth = 1;

    for (i = 0; i < ubal_mapping_count(mapping); i++) {
        for (j = 0; mapping->paths[i].steps[j]; j++) {
        }
        depth = j > depth ? j : depth;
    }
    return depth;
}

/* Puts the paths in, after having made room for those of an id. */
static void put_paths(ubal_mapping_t *mapping, ubal_map_e field,
                      const ubal_path_t *paths, int count)
{
    int first = ubal_mapping_first(mapping, field);

    if (field == UBAL_MAP_ID) {
        memmove(&mapping->paths[count], &mapping->paths[mapping->ids],
                (UBAL_MAP_COUNT - 1) * sizeof(*paths));
        mapping->ids = count;
    }
    memcpy(&mapping->paths[first], paths, (size_t)count * sizeof(*paths));
    mapping->mapped |= 1u << field;
}

/* Cuts all paths; returns what is wrong with one of them, or NULL. */
static const char *cut_paths(ubal_path_t *paths, int count,
                             const char *const *texts, apr_pool_t *pool)
{
    int i, j;

    for (i = 0; i < count; i++) {
        const char *what = cut_path(&paths[i], texts[i], pool);

        for (j = 0; !what && j < i; j++) {
            what = strcmp(texts[i], texts[j]) ? NULL : "is there twice";
        }
        if (what) {
            return apr_psprintf(pool, "the path '%s' %s", texts[i], what);
        }
    }
    return NULL;
}

const char *ubal_mapping_set_field(ubal_mapping_t *mapping, const char *field,
                                   int count, const char *const *paths,
                                   apr_pool_t *pool)
{
    ubal_path_t cut[UBAL_MAPPING_IDS];
    const char *what;
    int i;

    for (i = 0; i < UBAL_MAP_COUNT && strcasecmp(fields[i], field); i++) {
    }
    if (i == UBAL_MAP_COUNT) {
        return apr_psprintf(pool,
                            "'%s' is none of id, userId, createdAt, type, "
                            "amount",
                            field);
    }
    if (mapping->mapped & 1u << i) {
        return apr_psprintf(pool, "%s is given twice", fields[i]);
    }
    if (count > (i == UBAL_MAP_ID ? UBAL_MAPPING_IDS : 1)) {
        return apr_psprintf(pool,
                            "%s has too many paths: id may have up to %d, "
                            "other fields have one",
                            fields[i], UBAL_MAPPING_IDS);
    }
    what = cut_paths(cut, count, paths, pool);
    if (!what) {
        put_paths(mapping, (ubal_map_e)i, cut, count);
    }
    return what;
}

const char *ubal_mapping_add_type(ubal_mapping_t *mapping, const char *type,
                                  const char *name, apr_pool_t *pool)
{
    const char *what = name_fault(name);
    ubal_spelling_t *row;
    int i, j;

    for (i = 0; i < UBAL_TYPE_COUNT &&
                strcasecmp(ubal_type_name((ubal_type_e)i), type);
         i++) {
    }
    if (i == UBAL_TYPE_COUNT) {
        return apr_psprintf(
            pool, "'%s' is none of earned, spent, payout, paid_out", type);
    }
    if (what) {
        return apr_psprintf(pool, "the name '%s' %s", name, what);
    }
    for (j = 0; j < mapping->types->nelts; j++) {
        row = &APR_ARRAY_IDX(mapping->types, j, ubal_spelling_t);
        if (strcmp(row->name, name) == 0) {
            return row->type == (ubal_type_e)i
                       ? NULL
                       : apr_psprintf(pool, "'%s' cannot be both %s and %s",
                                      name, ubal_type_name(row->type),
                                      ubal_type_name((ubal_type_e)i));
        }
    }
    row = apr_array_push(mapping->types);
    *row = (ubal_spelling_t){(ubal_type_e)i, apr_pstrdup(pool, name)};
    return NULL;
}

int ubal_mapping_type(ubal_type_e *type, const ubal_mapping_t *mapping,
                      const char *name)
{
    int i;

    for (i = 0; i < mapping->types->nelts; i++) {
        const ubal_spelling_t *row =
            &APR_ARRAY_IDX(mapping->types, i, ubal_spelling_t);

        if (strcmp(row->name, name) == 0) {
            *type = row->type;
            return 1;
        }
    }
    return ubal_type_find(type, name);
}
