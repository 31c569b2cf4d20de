package import Jobs

/// One connection as the statements see it: gathers what may travel together, and says it in one round trip.
///
/// The transaction's beginning goes out with the first statement that is asked for, its end with the last.
package final class SQLSession: SQLConnection {
    private let link: any SQLLink

    private var deadline = ContinuousClock.now
    private var stage = Stage.single
    /// Statements that wait for company.
    private var waiting: [SQLStatement] = []
    private var knownNow: Timestamp?
    /// When the server was last asked something.
    private(set) var askedAt = ContinuousClock.now

    private enum Stage {
        /// Each exchange is a transaction by itself.
        case single
        /// A transaction is to begin with the first exchange.
        case beginning
        case open
        /// What was done is to be undone.
        case failed
        /// The connection cannot be used again.
        case lost
    }

    package init(_ link: any SQLLink) { self.link = link }

    package var dialect: SQLDialect { link.dialect }

    /// Whether another step may have it.
    var isUsable: Bool { stage == .single && link.isOpen }
}

// MARK: - Statements

extension SQLSession {
    package func execute(_ statement: String, with values: [SQLValue]) throws -> Int {
        try exchange([SQLStatement(text: statement, values: values)])[0].count
    }

    package func query(_ statement: String, with values: [SQLValue]) throws -> [SQLRow] {
        try exchange([SQLStatement(text: statement, values: values)])[0].rows
    }

    package func execute(each statements: [SQLStatement]) throws -> [Int] { try exchange(statements).map(\.count) }

    package func query(each statements: [SQLStatement]) throws -> [[SQLRow]] { try exchange(statements).map(\.rows) }

    package func executeLater(_ statement: SQLStatement) { waiting.append(statement) }

    package var now: Timestamp {
        get throws {
            if let knownNow { return knownNow }
            if stage == .beginning { _ = try exchange([]) }
            return try knownNow ?? read(clock: exchange([Self.clock])[0])
        }
    }

    private static let clock = SQLStatement(text: "SELECT ?", values: [.now(plus: 0)])

    private func read(clock answer: SQLAnswer) throws -> Timestamp {
        guard case .integer(let milliseconds)? = answer.rows.first?.values.first else {
            throw JobStoreError.unavailable(reason: "the database has no clock")
        }
        let now = Timestamp(milliseconds: milliseconds)
        knownNow = now
        return now
    }

    /// Sends what waits and these, in one round trip.
    /// - Returns: the answers to these.
    private func exchange(_ statements: [SQLStatement], ending: Bool = false) throws -> [SQLAnswer] {
        // A step that swallowed an error would otherwise be answered, and undone.
        guard stage != .failed, stage != .lost else {
            throw JobStoreError.unavailable(reason: "the step had failed before its end")
        }
        // Nobody would hear of it, and to wait no longer would cost the connection.
        guard .now < deadline else { throw JobStoreError.unavailable(reason: "the step took too long") }
        let asked = waiting + statements
        waiting = []
        let isBeginning = stage == .beginning
        let isWhole = stage == .single && asked.count > 1
        guard isBeginning || ending || !asked.isEmpty else { return [] }
        let head = (isBeginning || isWhole ? [SQLStatement(text: "BEGIN")] : []) + link.preamble
        let tail = ending || isWhole ? [SQLStatement(text: "COMMIT")] : []
        askedAt = .now
        do {
            let answers = try link.exchange(head + (isBeginning ? [Self.clock] : []) + asked + tail, until: deadline)
            if isBeginning {
                stage = .open
                _ = try read(clock: answers[head.count])
            }
            return Array(answers.dropLast(tail.count).suffix(statements.count))
        } catch let failure as any SQLFailure {
            // One statement by itself has undone itself.
            stage = failure.isLost ? .lost : stage == .single && !isWhole ? .single : .failed
            throw failure
        }
    }
}

// MARK: - Steps

extension SQLSession {
    /// Runs a step in a transaction.
    /// - Throws: ``SQLFailure``, ``ChangeInDoubt``, or what the step throws.
    package func transaction<R>(
        until deadline: ContinuousClock.Instant, _ step: (any SQLConnection) throws -> R
    ) throws -> R {
        try run(step, from: .beginning, until: deadline)
    }

    /// Runs a step each of whose exchanges is a transaction by itself.
    /// - Throws: ``SQLFailure``, or what the step throws.
    package func single<R>(
        until deadline: ContinuousClock.Instant, _ step: (any SQLConnection) throws -> R
    ) throws -> R {
        try run(step, from: .single, until: deadline)
    }

    private func run<R>(
        _ step: (any SQLConnection) throws -> R, from stage: Stage, until deadline: ContinuousClock.Instant
    ) throws -> R {
        self.stage = stage
        self.deadline = deadline
        waiting = []
        knownNow = nil
        do {
            let result = try step(self)
            try end()
            return result
        } catch {
            rollBack()
            throw error
        }
    }

    private func end() throws {
        switch stage {
        case .single where waiting.isEmpty: break
        case .single: _ = try exchange([])
        case .beginning where waiting.isEmpty: stage = .single
        case .beginning, .open, .failed, .lost:
            do {
                _ = try exchange([], ending: true)
                stage = .single
            } catch let failure as any SQLFailure where failure.isLost {
                throw ChangeInDoubt(failure: failure)
            }
        }
    }

    /// What a step that was late may take beyond its time, so as not to cost the connection.
    private static let rollBackLimit = Duration.milliseconds(100)

    /// Leaves the connection clean, or lost.
    private func rollBack() {
        waiting = []
        switch stage {
        case .open, .failed:
            // The error that led here is the one to tell; one of this is seen by what it does to the connection.
            let soon = max(deadline, .now + Self.rollBackLimit)
            let isDone = (try? link.exchange([SQLStatement(text: "ROLLBACK")], until: soon)) != nil
            stage = isDone ? .single : .lost
        case .beginning: stage = .single
        case .single, .lost: break
        }
    }
}
