/* Older names of what db.h now does by itself. */
#ifndef UBAL_STORE_HOT_H
#define UBAL_STORE_HOT_H

#include "store/db.h"

typedef ubal_db_t ubal_hot_t;

#define ubal_hot_of(db) (db)
#define ubal_hot_run ubal_db_run
#define ubal_hot_read ubal_db_read

#endif
