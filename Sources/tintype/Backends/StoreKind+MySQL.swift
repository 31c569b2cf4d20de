import MySQLBackend
import SQLBackend

extension StoreKind {
    /// MySQL and MariaDB, which have no way to wake a client: other processes' changes are found by a slow look.
    static let mySQL = StoreKind(
        schemes: ["mysql", "mariadb"], example: "mysql://user:password@host/database"
    ) { address, context, _ in
        let database = MySQLDatabase(
            try MySQLAddress(address),
            connections: try context.configuration.value(of: Settings.databaseConnections))
        // Idle processes ask the server about once a second, all their looks together.
        return OpenedStore(store: try await SQLJobStore(database), longestPause: .seconds(4))
    }
}
