/* What is stored, as the simulation has seen it. */
#ifndef UBAL_SIM_MODEL_H
#define UBAL_SIM_MODEL_H

#include <apr_pools.h>

extern apr_int64_t sim_model_stored; /* transactions, over all seeds */

void sim_model_begin(apr_pool_t *pool);
/* Its connection, which goes with each file that the database is. */
void sim_model_open(void);
void sim_model_close(void);
/* 1 where there are tables to look at. */
int sim_model_is_ready(void);
/* 1 where someone has committed since the last call. */
int sim_model_is_changed(void);

/* A reply with these items came back whole. */
void sim_model_answered(const int *items, int count);
/* Looks at those: rows, their users' balances, their days. */
void sim_model_check_answered(void);
/* Looks an item up and notes whether it is stored. */
void sim_model_look_up(int index);
/* Looks at all rows; `is_restored`: some may be gone. */
void sim_model_check_rows(int is_restored);
void sim_model_check_balances(void);

/* What the database says is covered; zeros before anything is. */
void sim_model_coverage(apr_int64_t *since, apr_int64_t *as_of);
/* The first column of the first row; -1 where there is none. */
apr_int64_t sim_model_number(const char *text);

#endif
