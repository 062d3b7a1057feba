/* What a check of the configuration finds, each with its file and line. */
#ifndef MOD_UBAL_REPORT_H
#define MOD_UBAL_REPORT_H

#include <httpd.h>

#include <http_config.h>

typedef struct ubal_report_t {
    server_rec *main_server;
    apr_pool_t *pool; /* pconf: what is worked out is kept */
    int refused;      /* how many findings forbid the start */
} ubal_report_t;

/* Logs "FILE:LINE: " (nothing where `at` is NULL) and `format` (printf) as an
 * error, and counts it; so that one configtest shows all there is. */
void ubal_report_refuse(ubal_report_t *report, const ap_directive_t *at,
                        const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same as a warning, which forbids nothing. */
void ubal_report_warn(ubal_report_t *report, const ap_directive_t *at,
                      const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
