import SQLBackend
import SQLiteBackend

extension StoreKind {
    /// A file on this machine, which several processes of this machine may share.
    static let sqlite = StoreKind(schemes: ["sqlite"], example: "sqlite:////absolute.db") { address, _, folders in
        let path = address.drop { $0 != ":" }.dropFirst("://".count)
        guard path.first == "/", path.dropFirst() != ":memory:" else {
            throw ConfigurationError.unusable(
                reason: "DATABASE_URL is no file: sqlite:///relative.db or sqlite:////absolute.db")
        }
        return OpenedStore(
            store: try await SQLJobStore(SQLiteDatabase(path: String(path.dropFirst()), isSynced: folders.isSynced)))
    }
}
