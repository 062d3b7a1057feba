/* Items as bytes. See import_batch.h. */
#include "import_batch.h"

#include <string.h>

#include "verb.h"

/* What, position, line, digest. */
#define HEAD (1 + 8 + 8 + UBAL_IMPORT_DIGEST + 1)

#define IS_FAULTY 1
#define HAS_ID 2

void ubal_batch_make(ubal_batch_t *batch, apr_pool_t *pool)
{
    batch->bytes = apr_palloc(pool, (apr_size_t)UBAL_VERB_FRAME_MAX);
    ubal_batch_begin(batch, UBAL_BATCH_STORE);
}

void ubal_batch_begin(ubal_batch_t *batch, char what)
{
    memset(batch->bytes, 0, HEAD);
    *batch->bytes = what;
    batch->length = HEAD;
    batch->count = 0;
}

void ubal_batch_set_place(ubal_batch_t *batch, apr_int64_t position,
                          apr_int64_t line, const char *digest)
{
    memcpy(batch->bytes + 1, &position, 8);
    memcpy(batch->bytes + 9, &line, 8);
    memcpy(batch->bytes + 17, digest, UBAL_IMPORT_DIGEST + 1);
}

static void put(ubal_batch_t *batch, const void *bytes, apr_size_t length)
{
    memcpy(batch->bytes + batch->length, bytes, length);
    batch->length += length;
}

static void put_text(ubal_batch_t *batch, const char *text)
{
    put(batch, text, strlen(text) + 1);
}

int ubal_batch_add(ubal_batch_t *batch, const ubal_item_t *item)
{
    char head[2] = {
        (char)((item->fault ? IS_FAULTY : 0) | (item->id ? HAS_ID : 0)),
        (char)item->type};
    apr_size_t needed = sizeof(head) + 16 + strlen(item->key) +
                        strlen(item->raw) + 2 +
                        strlen(item->fault ? item->fault : item->user_id) + 1;

    if (batch->length + needed > (apr_size_t)UBAL_VERB_FRAME_MAX) {
        return 0;
    }
    put(batch, head, sizeof(head));
    put(batch, &item->created_at, 8);
    put(batch, &item->amount, 8);
    put_text(batch, item->key);
    put_text(batch, item->raw);
    put_text(batch, item->fault ? item->fault : item->user_id);
    batch->count++;
    return 1;
}

typedef struct reader_t {
    const char *at, *end;
    int is_cut;
} reader_t;

static void get(void *bytes, reader_t *reader, apr_size_t length)
{
    if ((apr_size_t)(reader->end - reader->at) < length) {
        memset(bytes, 0, length);
        reader->is_cut = 1;
        return;
    }
    memcpy(bytes, reader->at, length);
    reader->at += length;
}

static const char *get_text(reader_t *reader)
{
    const char *text = reader->at;
    const char *end = memchr(text, 0, (apr_size_t)(reader->end - text));

    if (!end) {
        reader->is_cut = 1;
        return "";
    }
    reader->at = end + 1;
    return text;
}

static void get_item(ubal_item_t *item, reader_t *reader)
{
    const char *last;
    char head[2];

    *item = (ubal_item_t){0};
    get(head, reader, sizeof(head));
    get(&item->created_at, reader, 8);
    get(&item->amount, reader, 8);
    item->key = get_text(reader);
    item->raw = get_text(reader);
    last = get_text(reader);
    item->id = head[0] & HAS_ID && *item->key ? item->key + 1 : NULL;
    item->type = (ubal_type_e)head[1];
    if (head[0] & IS_FAULTY) {
        item->fault = last;
    } else {
        item->user_id = last;
        reader->is_cut |=
            !item->id || head[1] < 0 || head[1] >= UBAL_TYPE_COUNT;
    }
}

ubal_error_t *ubal_batch_read(ubal_import_t *import, apr_array_header_t *items,
                              const char *bytes, apr_size_t length,
                              apr_pool_t *pool)
{
    reader_t reader = {bytes + (length > 0), bytes + length, length == 0};

    get(&import->position, &reader, 8);
    get(&import->line, &reader, 8);
    get(import->digest, &reader, sizeof(import->digest));
    import->digest[UBAL_IMPORT_DIGEST] = '\0';
    while (!reader.is_cut && reader.at < reader.end) {
        get_item(apr_array_push(items), &reader);
    }
    return reader.is_cut ? ubal_error_make(UBAL_ERR_INPUT, pool,
                                           "a batch is cut or not one of "
                                           "this program's version")
                         : NULL;
}
