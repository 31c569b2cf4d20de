import SQLBackend

extension SQLDialect {
    static var mysql: SQLDialect {
        var dialect = SQLDialect()
        dialect.locking = " FOR UPDATE"
        dialect.lockingFree = " FOR UPDATE SKIP LOCKED"
        // TEXT ends at 64 KiB.
        dialect.longText = "MEDIUMTEXT"
        // Whatever the database's own: texts compare by their bytes, and the rows can be locked.
        dialect.tableOptions = " ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ROW_FORMAT = DYNAMIC"
        return dialect
    }
}
