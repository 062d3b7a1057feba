/* Identifiers of users and transactions: what may be one. */
#ifndef UBAL_CORE_ID_H
#define UBAL_CORE_ID_H

#include <apr.h>

#define UBAL_ID_MAX 128

/* Returns NULL where text[0..length) may be an id: 1 to UBAL_ID_MAX bytes of
 * well-formed UTF-8 (RFC 3629) without control characters (C0, DEL, C1) and
 * without bidirectional controls (U+061C, U+200E, U+200F, U+202A to U+202E,
 * U+2066 to U+2069), line or paragraph separators (U+2028, U+2029); otherwise
 * what is wrong with it, a static phrase such as "is empty". */
const char *ubal_id_fault(const char *text, apr_size_t length);

/* 1 where text[0..length) is well-formed UTF-8 without NUL (any length). */
int ubal_id_is_utf8(const char *text, apr_size_t length);

#endif
