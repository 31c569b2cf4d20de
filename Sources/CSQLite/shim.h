#include <sqlite3.h>

/// Binds a copy of the bytes: SQLITE_TRANSIENT is a cast that Swift cannot spell.
static inline int csqlite_bind_text(sqlite3_stmt *statement, int position, const char *bytes, int count) {
    return sqlite3_bind_text(statement, position, bytes, count, SQLITE_TRANSIENT);
}

/// Stops the counting of allocated bytes, for which every allocation would take a lock. Variadic functions can't be called
/// from Swift. Has effect before the first connection only.
static inline int csqlite_disable_memory_statistics(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/// Swift takes over no macro that is made of others.
static const int csqlite_ioerr_shmsize = SQLITE_IOERR_SHMSIZE;
