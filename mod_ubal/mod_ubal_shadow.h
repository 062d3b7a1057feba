/* What would take requests away from a mount. */
#ifndef MOD_UBAL_SHADOW_H
#define MOD_UBAL_SHADOW_H

#include "mod_ubal_report.h"

/* Warns of every ProxyPass that covers a mount: by httpd's convention the
 * proxy wins. */
void ubal_shadow_warn(ubal_report_t *report);

#endif
