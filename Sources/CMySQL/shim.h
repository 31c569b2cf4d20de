// Debian has them in a folder of their own.
#if __has_include(<mariadb/mysql.h>)
#include <mariadb/mysql.h>
#include <mariadb/mysqld_error.h>
#include <mariadb/errmsg.h>
#else
#include <mysql.h>
#include <mysqld_error.h>
#include <errmsg.h>
#endif
