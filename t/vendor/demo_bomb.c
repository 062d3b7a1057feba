/* A small gzipped reply that becomes a big one, see demo_bomb.h. Written by
 * hand after RFC 1951 and 1952, so that tests need no more libraries: one
 * block with the fixed codes, "[" and a blank, then copies of the blank 258
 * bytes at a time (13 bits each), then "]". */
#include "demo_bomb.h"

#include <http_protocol.h>

#define COPY 258

typedef struct {
    request_rec *r;
    uint32_t bits;
    unsigned count;
    uint32_t crc; /* of the bytes that come out, inverted */
    uint32_t length;
} bomb_t;

/* Numbers have their low bit first. */
static void put(bomb_t *bomb, uint32_t value, unsigned width)
{
    bomb->bits |= value << bomb->count;
    for (bomb->count += width; bomb->count >= 8; bomb->count -= 8) {
        ap_rputc((int)(bomb->bits & 0xff), bomb->r);
        bomb->bits >>= 8;
    }
}

/* Huffman codes have their high bit first. */
static void put_code(bomb_t *bomb, uint32_t code, unsigned width)
{
    while (width-- > 0) {
        put(bomb, code >> width & 1, 1);
    }
}

static void put_word(bomb_t *bomb, uint32_t word)
{
    put(bomb, word & 0xffff, 16);
    put(bomb, word >> 16, 16);
}

static void count(bomb_t *bomb, const uint32_t table[256], char c)
{
    bomb->crc =
        table[(bomb->crc ^ (unsigned char)c) & 0xff] ^ (bomb->crc >> 8);
    bomb->length++;
}

/* A literal below 144 has the code 0x30 more, of eight bits. */
static void put_char(bomb_t *bomb, const uint32_t table[256], char c)
{
    put_code(bomb, 0x30u + (unsigned char)c, 8);
    count(bomb, table, c);
}

static void fill(uint32_t table[256])
{
    uint32_t entry;
    unsigned i, bit;

    for (i = 0; i < 256; i++) {
        entry = i;
        for (bit = 0; bit < 8; bit++) {
            entry = entry & 1 ? entry >> 1 ^ 0xedb88320u : entry >> 1;
        }
        table[i] = entry;
    }
}

int demo_bomb_send(request_rec *r, int64_t bytes)
{
    static const char header[10] = "\x1f\x8b\x08\0\0\0\0\0\0\x03";
    bomb_t bomb = {.r = r, .crc = 0xffffffffu};
    uint32_t table[256];
    int i;

    fill(table);
    ap_set_content_type(r, "application/json");
    apr_table_setn(r->headers_out, "Content-Encoding", "gzip");
    ap_rwrite(header, sizeof(header), r);
    put(&bomb, 1, 1); /* the last block */
    put(&bomb, 1, 2); /* with the fixed codes */
    put_char(&bomb, table, '[');
    put_char(&bomb, table, ' ');
    for (; bytes > COPY && !r->connection->aborted; bytes -= COPY) {
        put_code(&bomb, 0xc5, 8); /* length 258 */
        put_code(&bomb, 0, 5);    /* distance 1 */
        for (i = 0; i < COPY; i++) {
            count(&bomb, table, ' ');
        }
    }
    put_char(&bomb, table, ']');
    put_code(&bomb, 0, 7); /* the end */
    put(&bomb, 0, (8 - bomb.count) % 8);
    put_word(&bomb, ~bomb.crc);
    put_word(&bomb, bomb.length);
    return OK;
}
