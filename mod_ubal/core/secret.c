/* A vendor's secret, read from where the configuration says it is, and the
 * account it stands for. The only file of the core that reads files. */
#include <apr_base64.h>
#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_siphash.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "core/vendor.h"
#include "core/vendor_url.h"

#define SECRET_MAX 65536

static ubal_error_t *check_file(const apr_finfo_t *info, const char *path,
                                apr_pool_t *pool)
{
    if (info->filetype != APR_REG) {
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "the secret file %s is no regular file", path);
    }
    if (info->protection &
        (APR_FPROT_WREAD | APR_FPROT_WWRITE | APR_FPROT_GWRITE)) {
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "the secret file %s can be read by others or "
                               "written by its group: chmod 640 %s",
                               path, path);
    }
    if (info->size > SECRET_MAX) {
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "the secret file %s is larger than 64 KB",
                               path);
    }
    return NULL;
}

static ubal_error_t *read_file(const char **text, const char *path,
                               apr_pool_t *pool)
{
    apr_file_t *file;
    apr_finfo_t info;
    char reason[120], *bytes;
    apr_size_t length;
    ubal_error_t *err;
    /* a FIFO must not keep configtest waiting for a writer */
    apr_status_t rv =
        apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_NONBLOCK,
                      APR_FPROT_OS_DEFAULT, pool);

    if (rv == APR_SUCCESS) {
        rv = apr_file_info_get(
            &info, APR_FINFO_TYPE | APR_FINFO_PROT | APR_FINFO_SIZE, file);
    }
    if (rv != APR_SUCCESS) {
        return ubal_error_make(UBAL_ERR_INPUT, pool, "the secret file %s: %s",
                               path, apr_strerror(rv, reason, sizeof(reason)));
    }
    err = check_file(&info, path, pool);
    length = (apr_size_t)info.size;
    bytes = apr_pcalloc(pool, SECRET_MAX + 1);
    if (!err && length) {
        rv = apr_file_read_full(file, bytes, length, &length);
        if (rv != APR_SUCCESS) {
            err = ubal_error_make(UBAL_ERR_INPUT, pool,
                                  "the secret file %s cannot be read", path);
        }
    }
    apr_file_close(file);
    if (!err && strlen(bytes) != length) {
        err = ubal_error_make(UBAL_ERR_INPUT, pool,
                              "the secret file %s has a NUL byte", path);
    }
    *text = bytes;
    return err;
}

/* Takes line ends off the end; what is left must be one line. */
static ubal_error_t *clean(const char **secret, const char *text,
                           const char *source, apr_pool_t *pool)
{
    apr_size_t i, length = strlen(text);

    while (length && (text[length - 1] == '\n' || text[length - 1] == '\r')) {
        length--;
    }
    if (length == 0) {
        return ubal_error_make(UBAL_ERR_INPUT, pool, "the secret %s is empty",
                               source);
    }
    for (i = 0; i < length; i++) {
        if (apr_iscntrl(text[i])) {
            return ubal_error_make(UBAL_ERR_INPUT, pool,
                                   "the secret %s has a control character or "
                                   "more than one line",
                                   source);
        }
    }
    *secret = apr_pstrmemdup(pool, text, length);
    return NULL;
}

ubal_error_t *ubal_vendor_read_secret(ubal_vendor_t *vendor, apr_pool_t *pool)
{
    const char *source = vendor->secret_source, *text = NULL;
    ubal_error_t *err = NULL;

    if (!source) {
        return NULL;
    }
    if (strncmp(source, "env:", 4) == 0) {
        text = getenv(source + 4);
        if (!text) {
            err = ubal_error_make(UBAL_ERR_INPUT, pool,
                                  "the environment variable %s is not set",
                                  source + 4);
        }
    } else {
        err = read_file(&text, source + 5, pool);
    }
    if (!err) {
        err = clean(&vendor->secret, text, source, pool);
    }
    return err ? ubal_error_wrap(err, pool, "vendor %s", vendor->name) : NULL;
}

const char *ubal_vendor_account(const ubal_vendor_t *vendor,
                                const unsigned char key[16], apr_pool_t *pool)
{
    const char *parts[4];
    char *text = "", *name = apr_pstrdup(pool, vendor->auth_name);
    int i;

    if (vendor->auth == UBAL_AUTH_HEADER) { /* another case is no other */
        for (char *at = name; *at; at++) {
            *at = (char)apr_tolower(*at);
        }
    }

    parts[0] = vendor->url ? ubal_vendor_url_origin(vendor->url, pool) : "";
    parts[1] = apr_itoa(pool, vendor->auth);
    parts[2] = name ? name : "";
    parts[3] = vendor->secret ? vendor->secret : "";
    for (i = 0; i < 4; i++) { /* lengths, so that no two joins are alike */
        text = apr_psprintf(pool, "%s%" APR_SIZE_T_FMT ":%s", text,
                            strlen(parts[i]), parts[i]);
    }
    return apr_psprintf(pool, "%016" APR_UINT64_T_HEX_FMT,
                        apr_siphash24(text, strlen(text), key));
}

static int hex_of(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c ? strchr(digits, apr_tolower(c)) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* 1 where `text` goes on with `word`, each character plain or as %XX. */
static int begins_with(const char *text, const char *end, const char *word)
{
    for (; *word; word++) {
        if (text < end && *text == *word) {
            text++;
        } else if (end - text >= 3 && *text == '%' &&
                   hex_of(text[1]) * 16 + hex_of(text[2]) ==
                       (unsigned char)*word) {
            text += 3;
        } else {
            return 0;
        }
    }
    return 1;
}

static int has_word(const char *text, apr_size_t length, const char *word)
{
    const char *end = text + length;

    for (; text < end; text++) {
        if (begins_with(text, end, word)) {
            return 1;
        }
    }
    return 0;
}

int ubal_vendor_is_echoed(const ubal_vendor_t *vendor, const char *text,
                          apr_size_t length, apr_pool_t *pool)
{
    const char *pair;
    char *encoded;

    if (!vendor->secret) {
        return 0;
    }
    if (has_word(text, length, vendor->secret)) {
        return 1;
    }
    if (vendor->auth != UBAL_AUTH_BASIC) {
        return 0;
    }
    pair = apr_pstrcat(pool, vendor->auth_name, ":", vendor->secret, NULL);
    encoded =
        apr_palloc(pool, (apr_size_t)apr_base64_encode_len((int)strlen(pair)));
    apr_base64_encode(encoded, pair, (int)strlen(pair));
    return has_word(text, length, encoded);
}
