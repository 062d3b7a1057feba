/* What the configuration names and others make: folders, files and their
 * rights, and the clock. Knows httpd's User; makes and changes nothing. */
#ifndef MOD_UBAL_OUTSIDE_H
#define MOD_UBAL_OUTSIDE_H

#include "mod_ubal_report.h"

/* Looks whether httpd's User can use what every SQLite database names, and
 * whether each UbalSince has passed. Called when the databases are known.
 *
 * Under -t a finding is an error: who asks wants to know. At a start it is a
 * warning, as what is missing may be on its way (a mount, the clock) and heals
 * without a restart; a graceful restart must not end a server for it; and who
 * asks for the configuration alone (-D DUMP_UBAL) is to have it. */
void ubal_outside_check(ubal_report_t *report);

#endif
