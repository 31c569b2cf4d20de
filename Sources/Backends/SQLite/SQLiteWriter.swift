import Jobs
import SQLBackend
import Synchronization
import Threads

/// The one connection that writes, on its own thread.
///
/// A commit waits for the disk, whatever it holds, so steps that arrive meanwhile are committed together: all that wait run
/// in one transaction, each within a savepoint of its own, and are answered once it is committed.
final class SQLiteWriter: Sendable {
    private let connection: Mutex<SQLiteConnection>
    private let thread = BlockingThreads(count: 1, limit: 1)
    private let queue = Mutex(Queue())
    private let limit: Int

    /// - Parameter limit: how many steps may wait; beyond that the store is unavailable at once.
    init(_ connection: sending SQLiteConnection, limit: Int) {
        self.connection = Mutex(connection)
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
            connection.withLock { commit(steps, on: $0) }
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
        let answers = try connection.committing { try steps.map { try attempt($0, on: connection) } }
        for answer in answers { answer() }
    } catch {
        if let step = steps.first, steps.count == 1 {
            step.refuse(error)
        } else {
            for step in steps { commit([step], on: connection) }
        }
    }
}

/// Runs a step so that it leaves nothing behind where it fails.
/// - Returns: what to call after the commit.
/// - Throws: where the whole transaction is lost.
private func attempt(_ step: Step, on connection: SQLiteConnection) throws -> @Sendable () -> Void {
    do {
        return try connection.savepoint { try step.run(connection) }
    } catch {
        guard connection.isInTransaction else { throw error }
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
            if isInTransaction { try execute("ROLLBACK", with: []) }
            throw error
        }
    }

    fileprivate func savepoint<R>(_ body: () throws -> R) throws -> R {
        try execute("SAVEPOINT step", with: [])
        do {
            let result = try body()
            try execute("RELEASE step", with: [])
            return result
        } catch {
            if isInTransaction {
                try execute("ROLLBACK TO step", with: [])
                try execute("RELEASE step", with: [])
            }
            throw error
        }
    }
}
