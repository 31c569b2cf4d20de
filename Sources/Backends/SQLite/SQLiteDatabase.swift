package import Jobs
package import SQLBackend
import Threads

/// A SQLite file: the database of one machine, with nothing to install. Several processes may share it.
package struct SQLiteDatabase: SQLDatabase {
    package let kind = "sqlite"
    package var dialect: SQLDialect { .sqlite }
    private let writer: SQLiteWriter
    private let readers: SQLiteReaders

    /// Opens the file, or makes it; its folder is there.
    ///
    /// - Parameters:
    ///   - isSynced: whether what was answered survives a power cut, and not only the death of the process.
    ///   - readers: how many statements may read at once.
    ///   - waitingLimit: how many steps may wait, to be written and to be read each.
    ///   - now: the store's clock.
    /// - Throws: ``JobStoreError/unavailable(reason:)`` or ``JobStoreError/full``.
    package init(
        path: String, isSynced: Bool = true, readers: Int = 2, waitingLimit: Int = 4096,
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) async throws {
        let opener = BlockingThreads(count: 1, limit: 1)
        (writer, self.readers) = try await opener.run {
            // The writer first: it makes the file and sets its mode.
            let writer = try SQLiteWriter(limit: waitingLimit) {
                try SQLiteConnection(path: path, isSynced: isSynced, clock: now)
            }
            let readers = try SQLiteReaders(count: readers, limit: waitingLimit) {
                try SQLiteConnection(path: path, isReader: true, isSynced: isSynced, clock: now)
            }
            return (writer, readers)
        }
    }

    package func write<R: Sendable>(
        _ step: @escaping @Sendable (any SQLConnection) throws -> R
    ) async throws -> R {
        try await writer.write(step)
    }

    package func read<R: Sendable>(
        _ step: @escaping @Sendable (any SQLConnection) throws -> R
    ) async throws -> R {
        try await readers.read(step)
    }

    /// The one writer excludes all others anyway.
    package func exclusively<R: Sendable>(
        _ step: @escaping @Sendable (any SQLConnection) throws -> R
    ) async throws -> R {
        try await writer.write(step)
    }
}
