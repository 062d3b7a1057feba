/* The mapping: where fields are, how an id is made of several, what types are
 * called; what of it is refused, and how that is said. */
#include "core/mapping.h"

#include "core_fixture.h"

/* Applies "field path path"; what is wrong with it or "". */
static const char *map(ubal_mapping_t *mapping, const char *line)
{
    const char *words[12] = {""};
    char *rest = apr_pstrdup(pool, line), *last, *word;
    const char *what;
    int count = 0;

    for (word = apr_strtok(rest, " ", &last); word;
         word = apr_strtok(NULL, " ", &last)) {
        words[count++] = strcmp(word, "''") ? word : "";
    }
    what =
        ubal_mapping_set_field(mapping, words[0], count - 1, words + 1, pool);
    return what ? what : "";
}

/* All paths, in order, their steps with "|" between. */
static const char *paths(const ubal_mapping_t *mapping)
{
    const char *text = "";
    int i, j;

    for (i = 0; i < ubal_mapping_count(mapping); i++) {
        const ubal_path_t *path = &mapping->paths[i];

        text = apr_pstrcat(pool, text, i ? " " : "", NULL);
        for (j = 0; path->steps[j]; j++) {
            text = apr_pstrcat(pool, text, j ? "|" : "", path->steps[j], NULL);
        }
    }
    return text;
}

static void check_paths(void)
{
    ubal_mapping_t *m = ubal_mapping_make(pool);

    tap_is_str(paths(m), "id userId createdAt type amount", "the default");
    tap_is_int(ubal_mapping_depth(m), 1, "which goes into no object");
    tap_is_str(map(m, "userid user.id"), "", "a path, the field in any case");
    tap_is_str(map(m, "id a.b.c type"), "", "an id of two fields");
    tap_is_str(paths(m), "a|b|c type user|id createdAt type amount",
               "are the item's, in order");
    tap_is_int(ubal_mapping_depth(m), 3, "as deep as the deepest");
    tap_is_int(ubal_mapping_first(m, UBAL_MAP_ID), 0, "the id's are first");
    tap_is_int(ubal_mapping_first(m, UBAL_MAP_AMOUNT), 5, "amount's is last");
    tap_is_str(m->paths[0].text, "a.b.c", "and the path as given is kept");
    tap_is_str(map(m, "amount x"), "", "another field");
    m = ubal_mapping_make(pool);
    tap_is_str(map(m, "id 1 2 3 4 5 6"), "", "an id of six fields");
    tap_is_str(paths(m), "1 2 3 4 5 6 userId createdAt type amount",
               "leaves the others");
    tap_is_str(map(m, "amount a.b.c.d.e.f.g.h"), "", "eight names deep");
    tap_is_int(ubal_mapping_depth(m), 8, "is the deepest");
}

static void check_refused_paths(void)
{
    static const struct {
        const char *line, *part;
    } wrong[] = {
        {"user id", "'user' is none of id, userId"},
        {"id 1 2 3 4 5 6 7", "id may have up to 6"},
        {"userId a b", "userId has too many paths"},
        {"id a a", "'a' is there twice"},
        {"id ''", "is empty"},
        {"id a..b", "an empty name"},
        {"id .a", "an empty name"},
        {"id a.", "an empty name"},
        {"id .", "an empty name"},
        {"id a\tb", "control character"},
        {"amount a.b.c.d.e.f.g.h.i", "more than 8 names"},
    };
    ubal_mapping_t *m = ubal_mapping_make(pool);
    size_t i;

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        tap_ok(strstr(map(m, wrong[i].line), wrong[i].part) != NULL,
               "refused: %s", wrong[i].part);
    }
    tap_is_str(paths(m), "id userId createdAt type amount",
               "what is refused changes nothing");
    tap_is_str(map(m, "type kind"), "", "once is right");
    tap_is_str(map(m, "type type"), "type is given twice", "twice is not");
}

static const char *spell(ubal_mapping_t *mapping, const char *type,
                         const char *name)
{
    const char *what = ubal_mapping_add_type(mapping, type, name, pool);

    return what ? what : "";
}

static const char *type_of(const ubal_mapping_t *mapping, const char *name)
{
    ubal_type_e type;

    return ubal_mapping_type(&type, mapping, name) ? ubal_type_name(type)
                                                   : "none";
}

static void check_types(void)
{
    ubal_mapping_t *m = ubal_mapping_make(pool);

    tap_is_str(type_of(m, "paidOut"), "paid_out", "the built-in spellings");
    tap_is_str(type_of(m, "bonus"), "none", "and no other");
    tap_is_str(spell(m, "earned", "bonus"), "", "a further one");
    tap_is_str(spell(m, "EARNED", "a b"), "", "the type in any case");
    tap_is_str(spell(m, "earned", "bonus"), "", "again, the same");
    tap_is_int(m->types->nelts, 2, "is the one there is");
    tap_is_str(type_of(m, "bonus"), "earned", "is found");
    tap_is_str(type_of(m, "a b"), "earned", "with its blank");
    tap_is_str(type_of(m, "Bonus"), "none", "in its own case alone");
    tap_is_str(type_of(m, "earned"), "earned", "beside the built-in ones");
    tap_is_str(spell(m, "spent", "earned"), "", "a built-in one claimed");
    tap_is_str(type_of(m, "earned"), "spent", "is the claimant's");
    tap_is_str(spell(m, "payout", "bonus"),
               "'bonus' cannot be both earned and payout",
               "two claims name both");
    tap_is_str(spell(m, "refund", "x"),
               "'refund' is none of earned, spent, payout, paid_out",
               "an unknown type");
    tap_ok(strstr(spell(m, "spent", ""), "is empty") != NULL, "no name");
    tap_ok(strstr(spell(m, "spent", "a\nb"), "control") != NULL,
           "a control character");
}

int main(void)
{
    core_begin();
    check_paths();
    check_refused_paths();
    check_types();
    return tap_done();
}
