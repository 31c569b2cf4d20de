import Jobs
import SQLBackend

/// One connection as the statements see it: gathers what may travel together, and says it in one round trip.
///
/// The transaction's beginning goes out with the first statement that is asked for, its end with the last.
final class PostgreSQLConnection: SQLConnection {
    private let link: PostgreSQLLink
    private let clock: PostgreSQLClock
    private var texts: StatementTexts

    private var deadline = ContinuousClock.now
    private var stage = Stage.single
    /// Statements that wait for company.
    private var waiting: [SQLStatement] = []
    private var knownNow: Timestamp?

    private enum Stage {
        /// Each exchange is a transaction by itself.
        case single
        /// A transaction is to begin with the first exchange.
        case beginning
        case open
        /// The server undoes the transaction, whatever we say.
        case failed
        /// The connection cannot be used again.
        case lost
    }

    let dialect = SQLDialect.postgresql

    /// - Throws: ``PostgreSQLFailure``.
    init(to address: PostgreSQLAddress, clock: PostgreSQLClock, limits: PostgreSQLLimits) throws {
        link = try PostgreSQLLink(to: address)
        self.clock = clock
        texts = StatementTexts(clock: clock.expression)
        let settings = [
            ("statement_timeout", String(limits.statement.milliseconds)),
            ("idle_in_transaction_session_timeout", String(limits.idleTransaction.milliseconds)),
            // Every statement has its index. Of a table that was just made the server knows no size, and the plan that it
            // makes then stays for a while.
            ("enable_seqscan", "off"),
        ]
        let requests = settings.map { PostgreSQLLink.Request(text: Self.setting, values: [$0, $1]) }
        _ = try link.exchange(requests, until: .now + limits.answer)
    }

    private static let setting = "SELECT set_config($1, $2, false)"

    /// When the server was last asked something.
    var askedAt: ContinuousClock.Instant { link.askedAt }

    /// Whether another step may have it.
    var isUsable: Bool {
        switch stage {
        case .single: link.isOpen
        case .beginning, .open, .failed, .lost: false
        }
    }
}

// MARK: - Statements

extension PostgreSQLConnection {
    func execute(_ statement: String, with values: [SQLValue]) throws -> Int {
        try exchange([SQLStatement(text: statement, values: values)])[0].count
    }

    func query(_ statement: String, with values: [SQLValue]) throws -> [SQLRow] {
        try exchange([SQLStatement(text: statement, values: values)])[0].rows
    }

    func execute(each statements: [SQLStatement]) throws -> [Int] { try exchange(statements).map(\.count) }

    func query(each statements: [SQLStatement]) throws -> [[SQLRow]] { try exchange(statements).map(\.rows) }

    func executeLater(_ statement: SQLStatement) { waiting.append(statement) }

    var now: Timestamp {
        get throws {
            if let knownNow { return knownNow }
            if case .beginning = stage {
                _ = try exchange([])
            } else {
                try read(clock: exchange([Self.clockStatement])[0])
            }
            return knownNow ?? .now
        }
    }

    private static let clockStatement = SQLStatement(text: "SELECT ?", values: [.now(plus: 0)])

    private func read(clock answer: PostgreSQLAnswer) throws {
        guard case .integer(let milliseconds)? = answer.rows.first?.values.first else {
            throw PostgreSQLFailure.lost("the server has no clock")
        }
        knownNow = Timestamp(milliseconds: milliseconds)
    }

    /// Sends what waits and these, in one round trip.
    /// - Returns: the answers to these.
    private func exchange(_ statements: [SQLStatement], ending: Bool = false) throws -> [PostgreSQLAnswer] {
        var requests: [PostgreSQLLink.Request] = []
        var isBeginning = false
        if case .beginning = stage { isBeginning = true }
        // Said in full: a server's default may be another.
        if isBeginning { requests.append(.init(text: "BEGIN ISOLATION LEVEL READ COMMITTED")) }
        if let time = clock.injected {
            requests.append(.init(text: Self.setting, values: [PostgreSQLClock.setting, String(time.milliseconds)]))
        }
        let clockPlace = requests.count
        if isBeginning { requests.append(request(Self.clockStatement)) }
        requests += (waiting + statements).map(request)
        if ending { requests.append(.init(text: "COMMIT")) }
        waiting = []
        do {
            let answers = try link.exchange(requests, until: deadline)
            if isBeginning {
                stage = .open
                try read(clock: answers[clockPlace])
            }
            return Array((ending ? answers.dropLast() : answers[...]).suffix(statements.count))
        } catch var failure as PostgreSQLFailure {
            if failure.isLost {
                stage = .lost
                failure.isInDoubt = ending
            } else if case .single = stage {
                // It has undone itself.
            } else {
                stage = .failed
            }
            throw failure
        }
    }

    private func request(_ statement: SQLStatement) -> PostgreSQLLink.Request {
        PostgreSQLLink.Request(text: texts.text(of: statement), values: statement.values.map(\.parameter))
    }
}

// MARK: - Steps

extension PostgreSQLConnection {
    /// Runs a step in a transaction.
    /// - Throws: ``PostgreSQLFailure``, or what the step throws.
    func transaction<R>(until deadline: ContinuousClock.Instant, _ step: (any SQLConnection) throws -> R) throws -> R {
        begin(.beginning, until: deadline)
        do {
            let result = try step(self)
            try commit()
            return result
        } catch {
            rollBack()
            throw error
        }
    }

    /// Runs a step each of whose exchanges is a transaction by itself.
    /// - Throws: ``PostgreSQLFailure``, or what the step throws.
    func single<R>(until deadline: ContinuousClock.Instant, _ step: (any SQLConnection) throws -> R) throws -> R {
        begin(.single, until: deadline)
        do {
            let result = try step(self)
            if !waiting.isEmpty { _ = try exchange([]) }
            return result
        } catch {
            waiting = []
            throw error
        }
    }

    private func begin(_ stage: Stage, until deadline: ContinuousClock.Instant) {
        self.stage = stage
        self.deadline = deadline
        waiting = []
        knownNow = nil
    }

    private func commit() throws {
        switch stage {
        case .beginning where waiting.isEmpty: break
        case .beginning, .open:
            // Nobody would hear of it.
            guard .now < deadline else { throw PostgreSQLFailure.unreachable("the step took too long") }
            _ = try exchange([], ending: true)
        // A step that swallowed an error would otherwise be answered, and undone.
        case .failed, .lost: throw PostgreSQLFailure.lost("the transaction had failed before its end")
        case .single: break
        }
        stage = .single
    }

    /// What a step that was late may take beyond its time, so as not to cost the connection.
    private static let rollBackLimit = Duration.milliseconds(100)

    /// Leaves the connection clean, or lost.
    private func rollBack() {
        switch stage {
        case .open, .failed:
            // The error that led here is the one to tell; one of this is seen by what it does to the connection.
            let soon = max(deadline, .now + Self.rollBackLimit)
            let isDone = (try? link.exchange([.init(text: "ROLLBACK")], until: soon)) != nil
            stage = isDone ? .single : .lost
        case .beginning: stage = .single
        case .single, .lost: break
        }
        waiting = []
    }
}
