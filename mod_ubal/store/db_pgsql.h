/* What PostgreSQL's errors mean: by their codes, as the sentences are in the
 * server's language. Knows no statement. For store/db*.c alone. */
#ifndef UBAL_STORE_DB_PGSQL_H
#define UBAL_STORE_DB_PGSQL_H

#include "store/db.h"
#include "store/lines.h"

/* Makes the connection say the codes of its errors, and finds db->process_of
 * and db->parameter. */
void ubal_db_pgsql_set_up(ubal_db_t *db);

/* Has the session speak UTF-8, whatever its role or the environment say: a
 * user in another encoding is nobody. Outside of transactions, before each
 * statement, as a connection may have become another. */
ubal_error_t *ubal_db_pgsql_speak(const ubal_db_t *db, apr_pool_t *pool);

/* UBAL_ERR_CONFIG where the database cannot hold all of Unicode. */
ubal_error_t *ubal_db_pgsql_check_encoding(const ubal_db_t *db,
                                           apr_pool_t *pool);

/* The parameters of a connection for writing: `params`, and that libpq is to
 * notice within 4 s where the server has gone, unless they say otherwise. */
const char *ubal_db_pgsql_params(const char *params, apr_pool_t *pool);

/* The server's process for this connection, as it was told when it was made;
 * 0 where that is not known. */
apr_int64_t ubal_db_pgsql_process(const ubal_db_t *db);

/* Has the session not compile what it runs: many ids or users in one statement
 * are each looked up in one partition, but PostgreSQL reckons with all, and
 * compiles for seconds what then takes milliseconds. */
ubal_error_t *ubal_db_pgsql_tune(ubal_db_t *db, apr_pool_t *pool);

/* Whether the connection is another than ubal_db_pgsql_look() has looked at
 * last, which sets db->process and db->keeps_names: a pooler's may lead to
 * another process of the server's at any time, where a name is not known, or
 * another client's. */
int ubal_db_pgsql_is_new(const ubal_db_t *db);
void ubal_db_pgsql_look(ubal_db_t *db, apr_pool_t *pool);

/* Has `sql`, a COPY FROM STDIN, store rows: all of them, or an error. Inside a
 * transaction, which an error leaves to be rolled back. */
ubal_error_t *ubal_db_pgsql_copy(ubal_db_t *db, ubal_sql_e sql,
                                 const ubal_lines_t *lines, apr_pool_t *pool);

/* The error of statement or script `what`, `text` being what the driver says
 * of it: UBAL_ERR_NO_SCHEMA where a table, column or schema is missing, else
 * UBAL_ERR_DB. Where other transactions were in the way, the sentence has
 * "locked"; where the disk is full, "is full"; where the role may not do it,
 * "lacks a GRANT". */
ubal_error_t *ubal_db_pgsql_error(const char *what, const char *text,
                                  apr_pool_t *pool);

#endif
