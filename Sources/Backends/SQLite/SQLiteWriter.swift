import Jobs
import SQLBackend
import Synchronization
import Threads

/// The one connection that writes, on its own thread.
///
/// A commit costs as much as several steps, and more where it waits for the disk, so steps that arrive meanwhile are
/// committed together: all that wait run in one transaction, and are answered once it is committed. Nothing is gained by
/// letting more of them gather: with 16 clients 300 µs of it cost a fifth of the jobs a second.
final class SQLiteWriter: Sendable {
    /// `nil` after one that would not end its transaction, which nobody could use again.
    private let connection: Mutex<SQLiteConnection?>
    private let open: @Sendable () throws -> sending SQLiteConnection
    private let thread = BlockingThreads(count: 1, limit: 1)
    private let queue = Mutex(Queue())
    private let limit: Int

    /// - Parameters:
    ///   - limit: how many steps may wait; beyond that the store is unavailable at once.
    ///   - open: makes the connection, and another where that one fails for good.
    init(limit: Int, opening open: @escaping @Sendable () throws -> sending SQLiteConnection) throws {
        connection = Mutex(try open())
        self.open = open
        self.limit = limit
    }

    func write<R: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            enqueue(
                Step(
                    run: { connection in
                        let result = try body(connection)
                        return { continuation.resume(returning: result) }
                    },
                    refuse: { continuation.resume(throwing: $0) }))
        }
    }

    private func enqueue(_ step: Step) {
        let outcome = queue.withLock { $0.add(step, limit: limit) }
        switch outcome {
        case .refused: step.refuse(JobStoreError.unavailable(reason: "\(limit) steps wait to be written already"))
        case .waits: break
        case .wakes: thread.submit { self.drain() }
        }
    }

    /// Writes all that waits, and what arrives meanwhile.
    private func drain() {
        while true {
            let steps = queue.withLock { $0.takeAll() }
            if steps.isEmpty { return }
            write(steps)
        }
    }

    private func write(_ steps: [Step]) {
        connection.withLock { connection in
            do {
                if connection == nil { connection = try open() }
            } catch {
                for step in steps { step.refuse(error) }
            }
            guard let usable = connection else { return }
            commit(steps, on: usable)
            if usable.isInTransaction { connection = nil }
        }
    }
}

/// Something to be written, and whoever waits for it.
private struct Step: Sendable {
    /// Makes the changes, and returns what to call once they are committed.
    let run: @Sendable (any SQLConnection) throws -> @Sendable () -> Void
    let refuse: @Sendable (any Error) -> Void
}

private struct Queue {
    private var steps: [Step] = []
    private var isDraining = false

    enum Outcome {
        case refused
        /// The thread is at work and comes to it.
        case waits
        /// The thread must be woken.
        case wakes
    }

    mutating func add(_ step: Step, limit: Int) -> Outcome {
        guard steps.count < limit else { return .refused }
        steps.append(step)
        defer { isDraining = true }
        return isDraining ? .waits : .wakes
    }

    /// Empty means that the thread goes to sleep.
    mutating func takeAll() -> [Step] {
        defer { steps = [] }
        isDraining = !steps.isEmpty
        return steps
    }
}

/// Commits steps together. Where that fails as a whole, each is tried alone, so that the one at fault (too large for the
/// room that is left, say) fails alone.
private func commit(_ steps: [Step], on connection: SQLiteConnection) {
    do {
        // The write lock is taken at once: a transaction that began by reading could not always get it later.
        try connection.execute("BEGIN IMMEDIATE", with: [])
    } catch {
        // Another process has the file, which is nobody's fault here: waiting for it once is enough.
        for step in steps { step.refuse(error) }
        return
    }
    do {
        let answers = try connection.committing {
            try steps.map { try steps.count == 1 ? $0.run(connection) : attempt($0, on: connection) }
        }
        for answer in answers { answer() }
    } catch {
        if let step = steps.first, steps.count == 1 {
            step.refuse(error)
        } else {
            for step in steps { commit([step], on: connection) }
        }
    }
}

/// Runs a step beside others. One that fails before it has changed a row, as nearly all do that fail (the job is not there,
/// the claim is lost), leaves nothing behind; a savepoint would see to the rest, at a cost to every step.
///
/// - Returns: what to call after the commit.
/// - Throws: where the transaction cannot go on.
private func attempt(_ step: Step, on connection: SQLiteConnection) throws -> @Sendable () -> Void {
    let changes = connection.changeCount
    do {
        return try step.run(connection)
    } catch {
        guard connection.isInTransaction, connection.changeCount == changes else { throw error }
        return { step.refuse(error) }
    }
}

extension SQLiteConnection {
    /// Ends the open transaction, one way or the other.
    fileprivate func committing<R>(_ body: () throws -> R) throws -> R {
        do {
            let result = try body()
            try execute("COMMIT", with: [])
            return result
        } catch {
            // Where this fails too, the writer sees that the transaction is still open.
            if isInTransaction { _ = try? execute("ROLLBACK", with: []) }
            throw error
        }
    }
}
