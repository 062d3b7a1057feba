/* Whether whoever asks for a mount meets a Require. Knows how httpd merges
 * Locations, not what a Require says. */
#ifndef MOD_UBAL_REQUIRE_H
#define MOD_UBAL_REQUIRE_H

#include "mod_ubal_report.h"

/* Refuses the mounts of every server, which were collected before, that are
 * open to everyone, and what makes them so below. */
void ubal_require_check(ubal_report_t *report);

#endif
