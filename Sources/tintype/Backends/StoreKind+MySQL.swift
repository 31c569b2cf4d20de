import MySQLBackend
import SQLBackend

extension StoreKind {
    /// MySQL and MariaDB, which have no way to wake a client: other processes' changes are found by a slow look.
    static let mySQL = StoreKind(
        schemes: ["mysql", "mariadb"], example: "mysql://user:password@host/database"
    ) { address, _, _ in
        OpenedStore(store: try await SQLJobStore(MySQLDatabase(MySQLAddress(address))))
    }
}
