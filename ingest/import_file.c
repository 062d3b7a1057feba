/* A file that is imported. See import_file.h. */
#include "import_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <apr_escape.h>
#include <apr_strings.h>

#include "import_spool.h"
#include "show.h"

#define BUFFER ((apr_size_t)1 << 20)
#define HEAD 65536

static ubal_error_t *system_fault(const ubal_import_file_t *file,
                                  const char *doing)
{
    apr_status_t rv = errno;

    return ubal_error_make(UBAL_ERR_SYSTEM, file->pool, "cannot %s %s: %pm",
                           doing, file->name, &rv);
}

ubal_error_t *ubal_import_file_fault(const ubal_import_file_t *file,
                                     const char *what)
{
    return ubal_error_make(UBAL_ERR_INPUT, file->pool,
                           "%s line %" APR_INT64_T_FMT ": %s", file->name,
                           file->line, what);
}

/* Reads more behind what there is; there is room. */
static ubal_error_t *fill(ubal_import_file_t *file)
{
    ssize_t got;

    if (file->begin) {
        memmove(file->buffer, file->buffer + file->begin,
                file->end - file->begin);
        file->end -= file->begin;
        file->begin = 0;
    }
    do {
        got = read(file->fd, file->buffer + file->end, BUFFER - file->end);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return system_fault(file, "read");
    }
    file->is_eof = got == 0;
    file->end += (apr_size_t)got;
    return NULL;
}

/* Takes bytes off the front. */
static void take(ubal_import_file_t *file, apr_size_t count)
{
    apr_sha1_update_binary(&file->sha1,
                           (unsigned char *)file->buffer + file->begin,
                           (unsigned int)count);
    file->begin += count;
    file->position += (apr_int64_t)count;
}

/* As ubal_csv_read, for a line of JSON. */
static apr_ssize_t read_json(ubal_import_file_t *file, const char *text,
                             apr_size_t length)
{
    const char *end = memchr(text, '\n', length);
    apr_size_t taken = end ? (apr_size_t)(end - text) + 1 : length;

    if (!end && !file->is_eof) {
        return 0;
    }
    file->lines = end != NULL;
    file->text = text;
    file->length = end ? taken - 1 : taken;
    while (file->length && strchr(" \t\r", file->text[file->length - 1])) {
        file->length--;
    }
    while (file->length && strchr(" \t", *file->text)) {
        file->text++;
        file->length--;
    }
    return (apr_ssize_t)taken;
}

static apr_ssize_t read_csv(ubal_import_file_t *file, const char *text,
                            apr_size_t length)
{
    apr_ssize_t taken = ubal_csv_read(&file->csv, text, length, file->is_eof);

    file->lines = file->csv.lines;
    file->text = text;
    file->length = file->csv.count ? file->csv.length : 0;
    return taken;
}

/* One record, or an empty line. */
static ubal_error_t *read_record(ubal_import_file_t *file)
{
    for (;;) {
        const char *text = file->buffer + file->begin;
        apr_size_t length = file->end - file->begin;
        apr_ssize_t taken = file->format == UBAL_IMPORT_CSV
                                ? read_csv(file, text, length)
                                : read_json(file, text, length);
        ubal_error_t *err;

        if (taken < 0) {
            return ubal_import_file_fault(file, file->csv.fault);
        }
        if ((taken > 0 && file->length > UBAL_IMPORT_RECORD_MAX) ||
            (!taken && length > UBAL_IMPORT_RECORD_MAX + 2)) {
            return ubal_import_file_fault(
                file, "it is longer than 65536 bytes; is a quote not closed?");
        }
        if (taken > 0) {
            take(file, (apr_size_t)taken);
            return NULL;
        }
        err = fill(file);
        if (err) {
            return err;
        }
    }
}

/* What cannot be a JSON object, or not a whole one. */
static ubal_error_t *check_json(const ubal_import_file_t *file)
{
    if (*file->text != '{') {
        return ubal_import_file_fault(file, "no JSON object");
    }
    if (file->text[file->length - 1] != '}') {
        return ubal_import_file_fault(
            file, "the JSON object does not end on its line: it is cut, or "
                  "written over several lines");
    }
    return NULL;
}

ubal_error_t *ubal_import_file_next(int *has_record, ubal_import_file_t *file)
{
    ubal_error_t *err = NULL;

    *has_record = 0;
    do {
        file->line += file->lines;
        file->lines = 0;
        if (file->begin == file->end && !file->is_eof) {
            err = fill(file);
        }
        if (err || file->begin == file->end) {
            return err;
        }
        err = read_record(file);
    } while (!err && !file->length);
    *has_record = !err;
    return err || file->format == UBAL_IMPORT_CSV ? err : check_json(file);
}

void ubal_import_file_digest(char *hex, const apr_sha1_ctx_t *sha1)
{
    unsigned char digest[APR_SHA1_DIGESTSIZE];
    apr_sha1_ctx_t copy = *sha1;

    apr_sha1_final(digest, &copy);
    apr_escape_hex(hex, digest, sizeof(digest), 0, NULL);
}

/* The header's names, kept: the buffer goes on. */
static ubal_error_t *read_header(ubal_import_file_t *file)
{
    int has_record, i;
    ubal_error_t *err = ubal_import_file_next(&has_record, file);

    if (err || !has_record) {
        return err ? err : ubal_import_file_fault(file, "it has no header");
    }
    file->columns = file->csv.count;
    file->header = apr_palloc(file->pool, (apr_size_t)file->columns *
                                              sizeof(*file->header));
    for (i = 0; i < file->columns; i++) {
        file->header[i] = file->csv.fields[i];
        file->header[i].text = apr_pstrmemdup(
            file->pool, file->csv.fields[i].text, file->csv.fields[i].length);
    }
    return NULL;
}

/* Passes the byte order mark, and sees by the first byte which format it is.
 */
static ubal_error_t *begin_reading(ubal_import_file_t *file)
{
    const char *p;
    ubal_error_t *err = NULL;

    while (!err && !file->is_eof && file->end < 4096) {
        err = fill(file);
    }
    if (err) {
        return err;
    }
    if (file->end >= 3 && !memcmp(file->buffer, "\xef\xbb\xbf", 3)) {
        take(file, 3);
    }
    for (p = file->buffer + file->begin;
         p < file->buffer + file->end && strchr(" \t\r\n", *p); p++) {
    }
    if (file->format == UBAL_IMPORT_ANY) {
        file->format = p < file->buffer + file->end && *p == '{'
                           ? UBAL_IMPORT_NDJSON
                           : UBAL_IMPORT_CSV;
    }
    return file->format == UBAL_IMPORT_CSV ? read_header(file) : NULL;
}

ubal_error_t *ubal_import_file_rewind(ubal_import_file_t *file)
{
    if (lseek(file->fd, 0, SEEK_SET)) {
        return system_fault(file, "go back in");
    }
    apr_sha1_init(&file->sha1);
    file->begin = file->end = 0;
    file->is_eof = 0;
    file->position = 0;
    file->line = 1;
    file->lines = 0;
    return begin_reading(file);
}

ubal_error_t *ubal_import_file_skip(int *is_same, ubal_import_file_t *file,
                                    apr_int64_t position, apr_int64_t line,
                                    const char *hex)
{
    char found[2 * APR_SHA1_DIGESTSIZE + 1];
    ubal_error_t *err = ubal_import_file_rewind(file);

    while (!err && file->position < position) {
        apr_int64_t left = position - file->position;
        apr_size_t here = file->end - file->begin;

        if (here) {
            take(file, left < (apr_int64_t)here ? (apr_size_t)left : here);
        } else if (!file->is_eof) {
            err = fill(file);
        } else {
            break;
        }
    }
    if (err) {
        return err;
    }
    ubal_import_file_digest(found, &file->sha1);
    *is_same = file->position == position && !strcmp(found, hex);
    file->line = line;
    file->lines = 0;
    return *is_same ? NULL : ubal_import_file_rewind(file);
}

static ubal_error_t *read_head(ubal_import_file_t *file)
{
    char *hex = apr_palloc(file->pool, 2 * APR_SHA1_DIGESTSIZE + 1);
    ssize_t got = pread(file->fd, file->buffer, HEAD, 0);

    if (got < 0) {
        return system_fault(file, "read");
    }
    apr_sha1_init(&file->sha1);
    apr_sha1_update_binary(&file->sha1, (unsigned char *)file->buffer,
                           (unsigned int)got);
    ubal_import_file_digest(hex, &file->sha1);
    file->head = hex;
    return NULL;
}

static apr_status_t close_file(void *data)
{
    close(((ubal_import_file_t *)data)->fd);
    return APR_SUCCESS;
}

ubal_error_t *ubal_import_file_open(ubal_import_file_t **file,
                                    const char *path, const char *folder,
                                    ubal_import_format_e format,
                                    apr_pool_t *pool)
{
    ubal_import_file_t *made = apr_pcalloc(pool, sizeof(*made));
    ubal_error_t *err;

    made->name = strcmp(path, "-") ? ubal_show_text(path, strlen(path), pool)
                                   : "standard input";
    made->format = format;
    made->pool = pool;
    err = ubal_import_spool(&made->fd, &made->size, path, folder, pool);
    if (err) {
        return err;
    }
    apr_pool_cleanup_register(pool, made, close_file, apr_pool_cleanup_null);
    made->buffer = apr_palloc(pool, BUFFER);
    made->csv.scratch = apr_palloc(pool, BUFFER);
    err = read_head(made);
    if (!err) {
        err = ubal_import_file_rewind(made);
    }
    *file = made;
    return err;
}
