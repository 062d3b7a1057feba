/* Reads Accept. See mod_ubal_accept.h. */
#include "mod_ubal_accept.h"

#include <stdlib.h>

#include <apr_lib.h>
#include <apr_strings.h>

/* What an Accept says of one type so far: its quality in thousandths by the
 * range that fits best. */
typedef struct opinion_t {
    int quality;
    int fit; /* 0: no range does; 1: any, 2: type/any, 3: the type itself */
} opinion_t;

/* A qvalue (section 12.4.2) in thousandths; -1 where it is none. */
static int read_quality(const char *text)
{
    int quality = *text == '1' ? 1000 : *text == '0' ? 0 : -1;
    int unit = 100;

    if (quality < 0 || (text[1] && text[1] != '.')) {
        return -1;
    }
    for (text += text[1] ? 2 : 1; *text && unit; text++, unit /= 10) {
        if (!apr_isdigit(*text)) {
            return -1;
        }
        quality += (*text - '0') * unit;
    }
    return *text || quality > 1000 ? -1 : quality;
}

/* How well a range fits a type. */
static int fit_of(const char *range, const char *type)
{
    apr_size_t slash = strcspn(type, "/");

    return !strcmp(range, type) ? 3
           : !strncmp(range, type, slash + 1) &&
                   !strcmp(range + slash + 1, "*")
               ? 2
           : !strcmp(range, "*/*") ? 1
                                   : 0;
}

/* Parts "range;name=value;q=0.5", which is without spaces by now and in small
 * letters; returns the quality, -1 where the item says nothing. */
static int read_item(char *item)
{
    char *last = NULL;
    char *part = apr_strtok(item, ";", &last);
    int quality = part == item ? 1000 : -1;

    while (part && (part = apr_strtok(NULL, ";", &last))) {
        if (!strncmp(part, "q=", 2)) {
            return read_quality(part + 2);
        }
    }
    return quality;
}

static void consider(opinion_t *opinion, const char *range, int quality,
                     const char *type)
{
    int fit = fit_of(range, type);

    if (fit > opinion->fit ||
        (fit && fit == opinion->fit && quality > opinion->quality)) {
        opinion->fit = fit;
        opinion->quality = quality;
    }
}

/* What `accept` says of `type`, in thousandths. */
static int quality_of(const char *accept, const char *type, apr_pool_t *pool)
{
    opinion_t opinion = {0, 0};
    char *item;

    while ((item = (char *)ap_get_list_item(pool, &accept))) {
        int quality = read_item(item);

        if (quality >= 0) {
            consider(&opinion, item, quality, type);
        }
    }
    return opinion.quality;
}

int ubal_accept_choose(request_rec *r, const char *const *types)
{
    const char *accept = apr_table_get(r->headers_in, "Accept");
    int best = -1, most = 0, i, quality;

    apr_table_mergen(r->headers_out, "Vary", "Accept");
    if (!accept) {
        return 0;
    }
    for (i = 0; types[i]; i++) {
        quality = quality_of(accept, types[i], r->pool);
        if (quality > most) {
            most = quality;
            best = i;
        }
    }
    return best;
}
