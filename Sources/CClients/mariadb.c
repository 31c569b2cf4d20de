#include "../CMySQL/shim.h"
#include "forwarding.h"

#define LIBRARY "libmariadb.so.3"

FORWARD(const char *, mysql_get_client_info, (void), ())
FORWARD(int, mysql_server_init, (int count, char **arguments, char **groups), (count, arguments, groups))

FORWARD(MYSQL *, mysql_init, (MYSQL * connection), (connection))
FORWARD(void, mysql_close, (MYSQL * connection), (connection))
FORWARD(int, mysql_options, (MYSQL * connection, enum mysql_option option, const void *value), (connection, option, value))
FORWARD(
    struct st_mysql_client_plugin *, mysql_client_find_plugin, (MYSQL * connection, const char *name, int type),
    (connection, name, type))
FORWARD(
    MYSQL *, mysql_real_connect,
    (MYSQL * connection, const char *host, const char *user, const char *password, const char *database, unsigned int port,
     const char *socket, unsigned long flags),
    (connection, host, user, password, database, port, socket, flags))
FORWARD(my_bool, mariadb_connection, (MYSQL * connection), (connection))
FORWARD(const char *, mysql_get_ssl_cipher, (MYSQL * connection), (connection))
FORWARD(unsigned long, mysql_get_server_version, (MYSQL * connection), (connection))
FORWARD(my_socket, mysql_get_socket, (MYSQL * connection), (connection))
FORWARD(unsigned int, mysql_errno, (MYSQL * connection), (connection))
FORWARD(const char *, mysql_error, (MYSQL * connection), (connection))

FORWARD(int, mysql_send_query, (MYSQL * connection, const char *text, unsigned long length), (connection, text, length))
FORWARD(my_bool, mysql_read_query_result, (MYSQL * connection), (connection))
FORWARD(int, mysql_next_result, (MYSQL * connection), (connection))
FORWARD(MYSQL_RES *, mysql_store_result, (MYSQL * connection), (connection))
FORWARD(unsigned int, mysql_field_count, (MYSQL * connection), (connection))
FORWARD(my_ulonglong, mysql_affected_rows, (MYSQL * connection), (connection))

FORWARD(void, mysql_free_result, (MYSQL_RES * result), (result))
FORWARD(unsigned int, mysql_num_fields, (MYSQL_RES * result), (result))
FORWARD(MYSQL_FIELD *, mysql_fetch_fields, (MYSQL_RES * result), (result))
FORWARD(MYSQL_ROW, mysql_fetch_row, (MYSQL_RES * result), (result))
FORWARD(unsigned long *, mysql_fetch_lengths, (MYSQL_RES * result), (result))
