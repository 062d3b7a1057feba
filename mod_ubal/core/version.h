/* The version of mod_ubal, module and daemon alike: here and in CHANGES. */
#ifndef UBAL_CORE_VERSION_H
#define UBAL_CORE_VERSION_H

#define UBAL_VERSION "0.1"

#endif
