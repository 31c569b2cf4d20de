import Jobs
import SystemPackage

/// A kind of job store that DATABASE_URL may name: a line in ``all``, and its opening in a file of its own.
struct StoreKind: Sendable {
    /// What its addresses begin with; what follows a `+`, as in `mysql+pymysql://`, names another program's driver.
    let schemes: [String]
    /// What an address looks like, for people.
    let example: String
    let open: @Sendable (_ address: String, BackendContext, Folders) async throws -> OpenedStore

    static let all: [StoreKind] = [.sqlite, .postgreSQL, .mySQL]

    /// - Returns: `nil` where the address is of no kind that there is.
    static func of(_ address: String) -> StoreKind? {
        let scheme = address.prefix { $0 != ":" && $0 != "+" }.lowercased()
        let rest = address.drop { $0 != ":" }
        // Three slashes and nothing is a file without a name.
        guard rest.hasPrefix("://"), rest.count > 4 else { return nil }
        return all.first { $0.schemes.contains(scheme) }
    }

    /// Opens the store that is configured: DATABASE_URL's, else Redis, else a file of this machine's.
    static func open(
        _ context: BackendContext, _ folders: Folders, _ redis: RedisParts?
    ) async throws -> OpenedStore {
        if let address = context.configuration[Settings.databaseURL], let kind = of(address) {
            return try await ConfigurationError.explaining("DATABASE_URL cannot be used") {
                try await kind.open(address, context, folders)
            }
        }
        if let redis { return try await redis.store() }
        return try await ConfigurationError.explaining("DATA_DIR cannot be used") {
            try await StoreKind.sqlite.open("sqlite:///\(folders.data.appending("tintype.db"))", context, folders)
        }
    }
}

struct OpenedStore: Sendable {
    let store: any JobStore
    /// Carries hints between processes, where the store can.
    var hints: (any HintChannel)?
    /// Between two looks for work, where nothing carries hints.
    var longestPause = Duration.seconds(1)
}
