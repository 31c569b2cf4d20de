import SQLBackend
import SQLiteBackend

extension StoreKind {
    /// A file on this machine, which several processes of this machine may share.
    static let sqlite = StoreKind(schemes: ["sqlite"], example: "sqlite:////absolute.db") { address, _, folders in
        let path = String(address.dropFirst("sqlite:///".count))
        return OpenedStore(
            store: try await SQLJobStore(SQLiteDatabase(path: path, isSynced: folders.isSynced)))
    }
}
