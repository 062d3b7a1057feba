/* Takes requests apart. httpd has decoded r->uri by now, and refused %00. */
#include "mod_ubal_request.h"

#include <http_core.h>

#include <apr_strings.h>

#include "core/id.h"

static int has_encoded_slash(const char *text)
{
    for (; *text && *text != '?'; text++) {
        if (text[0] == '%' && text[1] == '2' && (text[2] | 0x20) == 'f') {
            return 1;
        }
    }
    return 0;
}

/* Where httpd lets %2F through, two spellings arrive alike: under On
 * "a%2Fb" and "a/b", under NoDecode "a%2Fb" and "a%252Fb". Which of two users
 * is meant cannot be told, so it is neither. httpd decodes by the server's
 * defaults, and forgets the directive where it merges a Location over them. */
static int is_ambiguous(request_rec *r, const char *rest)
{
    core_dir_config *core =
        ap_get_core_module_config(r->server->lookup_defaults);

    return core->allow_encoded_slashes &&
           (has_encoded_slash(r->unparsed_uri) ||
            (!core->decode_encoded_slashes && has_encoded_slash(rest)));
}

/* A mount at "/" has no shorter name than that. */
int ubal_request_is_mount(request_rec *r, const char *rest)
{
    return !*rest || (rest == r->uri && !rest[1]);
}

const char *ubal_request_parse(ubal_request_t *request, int *status,
                               request_rec *r, const char *rest)
{
    const char *slash, *fault;
    apr_size_t length;

    *status = HTTP_NOT_FOUND;
    request->user_id = NULL;
    request->route = "";
    if (ubal_request_is_mount(r, rest)) {
        return NULL;
    }
    if (is_ambiguous(r, rest)) {
        return "an encoded slash cannot be part of an id here";
    }
    rest++;
    slash = strchr(rest, '/');
    length = slash ? (apr_size_t)(slash - rest) : strlen(rest);
    fault = ubal_id_fault(rest, length);
    if (fault) {
        *status = HTTP_BAD_REQUEST;
        return apr_pstrcat(r->pool, "the user's id ", fault, NULL);
    }
    if (slash && !slash[1]) {
        return "nothing is found behind the last slash";
    }
    request->user_id = apr_pstrmemdup(r->pool, rest, length);
    request->route = slash ? slash + 1 : "";
    return NULL;
}
