#include <sqlite3.h>

/// Binds a copy of the bytes: SQLITE_TRANSIENT is a cast that Swift cannot spell.
static inline int csqlite_bind_text(sqlite3_stmt *statement, int position, const char *bytes, int count) {
    return sqlite3_bind_text(statement, position, bytes, count, SQLITE_TRANSIENT);
}
