import Jobs
import SQLBackend
import Synchronization
import Threads

/// Connections that only read, each used by one thread at a time; in WAL mode they and the writer do not wait for each
/// other.
final class SQLiteReaders: Sendable {
    private let threads: BlockingThreads
    private let idle: Mutex<[Reader]>

    init(count: Int, limit: Int, opening open: () throws -> sending SQLiteConnection) throws {
        threads = BlockingThreads(count: count, limit: limit)
        var readers: [Reader] = []
        for _ in 0..<count { readers.append(Reader(try open())) }
        idle = Mutex(readers)
    }

    func read<R: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> R) async throws -> R {
        do {
            return try await threads.run {
                // There are as many as threads, so one is idle.
                guard let reader = self.idle.withLock({ $0.popLast() }) else {
                    throw JobStoreError.unavailable(reason: "no connection is idle")
                }
                defer { self.idle.withLock { $0.append(reader) } }
                return try reader.connection.withLock { try body($0) }
            }
        } catch let busy as TooManyWaiting {
            throw JobStoreError.unavailable(reason: busy.description)
        }
    }
}

private final class Reader: Sendable {
    let connection: Mutex<SQLiteConnection>

    init(_ connection: sending SQLiteConnection) { self.connection = Mutex(connection) }
}
