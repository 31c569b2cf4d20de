import PostgreSQLBackend
import SQLBackend

extension StoreKind {
    static let postgreSQL = StoreKind(
        schemes: ["postgresql", "postgres"], example: "postgresql://user:password@host/database"
    ) { address, context, _ in
        guard let address = PostgreSQLAddress(address) else {
            throw ConfigurationError.unusable(reason: "DATABASE_URL is no address of a PostgreSQL server")
        }
        let database = PostgreSQLDatabase(
            address, connections: try context.configuration.value(of: Settings.databaseConnections))
        return OpenedStore(
            store: try await SQLJobStore(database), hints: PostgreSQLHintChannel(address, database))
    }
}
