/* The module record, by which its parts find their configuration and httpd
 * their log level. */
#ifndef MOD_UBAL_H
#define MOD_UBAL_H

#include <httpd.h>

#include <http_config.h>

extern module AP_MODULE_DECLARE_DATA ubal_module;

#endif
