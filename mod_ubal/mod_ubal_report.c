/* Logs what a check of the configuration finds. Decides nothing. */
#include "mod_ubal_report.h"

#include <stdarg.h>

#include <http_log.h>

#include <apr_strings.h>

#include "mod_ubal.h"

APLOG_USE_MODULE(ubal);

static void say(const ubal_report_t *report, int level,
                const ap_directive_t *at, const char *format, va_list args)
{
    const char *text = apr_pvsprintf(report->pool, format, args);

    if (at) {
        text = apr_psprintf(report->pool, "%s:%d: %s", at->filename,
                            at->line_num, text);
    }
    ap_log_error(APLOG_MARK, level, 0, report->main_server, "%s", text);
}

void ubal_report_refuse(ubal_report_t *report, const ap_directive_t *at,
                        const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(report, APLOG_ERR, at, format, args);
    va_end(args);
    report->refused++;
}

void ubal_report_warn(ubal_report_t *report, const ap_directive_t *at,
                      const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(report, APLOG_WARNING, at, format, args);
    va_end(args);
}
