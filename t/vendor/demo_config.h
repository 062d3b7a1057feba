/* The demo vendor's directives. */
#ifndef DEMO_CONFIG_H
#define DEMO_CONFIG_H

#include <httpd.h>

#include <http_config.h>

#include "demo_stream.h"

extern module AP_MODULE_DECLARE_DATA ubal_demo_module;

typedef struct {
    demo_stream_t stream;
    int64_t limit;  /* requests in any period */
    int64_t period; /* microseconds */
    const char *account;
    const char *token; /* NULL: anyone may ask */
    apr_file_t *log;   /* NULL: none */
    int has_faults;
} demo_config_t;

extern const command_rec demo_config_directives[];

void *demo_config_create(apr_pool_t *pool, char *dir);
void *demo_config_merge(apr_pool_t *pool, void *base, void *add);

/* The configuration in force for `r`, with defaults filled in. */
const demo_config_t *demo_config_get(request_rec *r);

#endif
