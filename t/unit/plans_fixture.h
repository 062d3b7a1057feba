/* Which statements a GET can run, found from the sources. For the tests of
 * plans. */
#ifndef UBAL_T_PLANS_FIXTURE_H
#define UBAL_T_PLANS_FIXTURE_H

#include <apr_file_io.h>
#include <apr_hash.h>

#include "store_fixture.h"

static const char *slurp(const char *file)
{
    apr_file_t *in;
    apr_finfo_t info;
    char *text;

    if (apr_file_open(&in, file, APR_FOPEN_READ, 0, pool)) {
        return "";
    }
    apr_file_info_get(&info, APR_FINFO_SIZE, in);
    text = apr_pcalloc(pool, (apr_size_t)info.size + 1);
    apr_file_read_full(in, text, (apr_size_t)info.size, NULL);
    apr_file_close(in);
    return text;
}

/* Adds each word of `text` that follows `mark`, up to one of `ends`. */
static void find_words(apr_hash_t *words, const char *text, const char *mark,
                       const char *ends)
{
    while ((text = strstr(text, mark))) {
        text += strlen(mark);
        apr_hash_set(words, apr_pstrmemdup(pool, text, strcspn(text, ends)),
                     APR_HASH_KEY_STRING, text);
    }
}

/* The parts of the store that the module includes. */
static apr_hash_t *find_parts(void)
{
    apr_hash_t *parts = apr_hash_make(pool);
    apr_dir_t *dir;
    apr_finfo_t entry;

    if (apr_dir_open(&dir, "mod_ubal", pool)) {
        printf("Bail out! mod_ubal is not here\n");
        exit(1);
    }
    while (!apr_dir_read(&entry, APR_FINFO_NAME, dir)) {
        if (strncmp(entry.name, "mod_ubal", 8) == 0) {
            find_words(parts,
                       slurp(apr_pstrcat(pool, "mod_ubal/", entry.name, NULL)),
                       "#include \"store/", ".");
        }
    }
    apr_dir_close(dir);
    return parts;
}

/* Adds the statements that `part` and what it includes name. */
static void find_statements(apr_hash_t *names, apr_hash_t *seen,
                            const char *part)
{
    apr_hash_t *more = apr_hash_make(pool);
    const char *source =
        slurp(apr_pstrcat(pool, "mod_ubal/store/", part, ".c", NULL));
    const char *header =
        slurp(apr_pstrcat(pool, "mod_ubal/store/", part, ".h", NULL));
    apr_hash_index_t *at;

    if (apr_hash_get(seen, part, APR_HASH_KEY_STRING)) {
        return;
    }
    apr_hash_set(seen, part, APR_HASH_KEY_STRING, part);
    find_words(names, source, "UBAL_SQL_", " ,;)\n");
    find_words(more, source, "#include \"store/", ".");
    find_words(more, header, "#include \"store/", ".");
    for (at = apr_hash_first(pool, more); at; at = apr_hash_next(at)) {
        find_statements(names, seen, apr_hash_this_key(at));
    }
}

/* What the module can have run, by the names that the sources have. */
static apr_hash_t *find_readers(void)
{
    apr_hash_t *parts = find_parts();
    apr_hash_t *names = apr_hash_make(pool);
    apr_hash_t *seen = apr_hash_make(pool);
    apr_hash_index_t *at;

    for (at = apr_hash_first(pool, parts); at; at = apr_hash_next(at)) {
        find_statements(names, seen, apr_hash_this_key(at));
    }
    return names;
}

/* Whether the module can have run the statement. */
static int is_reader(apr_hash_t *names, size_t statement)
{
    char *name = apr_pstrdup(pool, ubal_sql_text[statement].name), *p;

    for (p = name; *p; p++) {
        *p = (char)(*p >= 'a' && *p <= 'z' ? *p - 0x20 : *p);
    }
    return apr_hash_get(names, name, APR_HASH_KEY_STRING) != NULL;
}

#endif
