/* A small gzipped reply that becomes a big one. */
#ifndef DEMO_BOMB_H
#define DEMO_BOMB_H

#include <httpd.h>

/* Sends JSON, Content-Encoding gzip, that inflates to about `bytes`. Returns
 * what a handler does. */
int demo_bomb_send(request_rec *r, int64_t bytes);

#endif
