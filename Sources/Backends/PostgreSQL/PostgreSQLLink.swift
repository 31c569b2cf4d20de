import CPostgres
import Jobs
import SQLBackend

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Owns one connection of libpq, closed with its last user. One thread at a time may use it.
///
/// Statements go out several at a time (https://www.postgresql.org/docs/15/libpq-pipeline-mode.html), and every wait for the
/// server has an end: a server that has vanished without a word must not hold a thread.
@safe final class PostgreSQLLink: SQLLink {
    private let handle: OpaquePointer
    private let clock: PostgreSQLClock
    private var texts: StatementTexts
    /// Names of prepared statements by their texts.
    private var prepared: [String: String] = [:]
    private var lastName = 0

    let dialect = SQLDialect.postgresql

    /// Connects, which blocks for five seconds a host at most, and as long as the name service takes.
    init(to address: PostgreSQLAddress, clock: PostgreSQLClock = PostgreSQLClock(nil)) throws {
        self.clock = clock
        texts = StatementTexts(clock: clock.expression)
        let settings = Self.settings(address)
        let opened = unsafe withCStrings(settings.map(\.key) + [nil]) { keys in
            unsafe withCStrings(settings.map(\.value) + [nil]) { values in
                unsafe keys.flatMap { keys in unsafe values.flatMap { unsafe PQconnectdbParams(keys, $0, 1) } }
            }
        }
        guard let handle = unsafe opened else { throw PostgreSQLFailure.unreachable("out of memory") }
        unsafe self.handle = handle
        // What the server remarks (that a table is there already, say) goes to standard error otherwise.
        unsafe PQsetNoticeProcessor(handle, { _, _ in }, nil)
        guard unsafe PQstatus(handle) == CONNECTION_OK, unsafe PQsetnonblocking(handle, 1) == 0,
            unsafe PQenterPipelineMode(handle) == 1
        else { throw unsafe PostgreSQLFailure.unreachable(String(cString: PQerrorMessage(handle))) }
    }

    /// Connects, and has the server keep to limits and to what the statements rely on.
    /// - Throws: ``PostgreSQLFailure``.
    convenience init(to address: PostgreSQLAddress, clock: PostgreSQLClock, limits: SQLLimits) throws {
        try self.init(to: address, clock: clock)
        let settings = [
            ("default_transaction_isolation", "read committed"),
            ("statement_timeout", String(limits.statement.milliseconds)),
            ("idle_in_transaction_session_timeout", String(limits.idleTransaction.milliseconds)),
            // Every statement has its index. Of a table that was just made the server knows no size, and the plan that it
            // makes then stays for a while.
            ("enable_seqscan", "off"),
        ]
        _ = try exchange(settings.map(Self.setting), until: .now + limits.answer)
    }

    deinit { unsafe PQfinish(handle) }

    /// In the order of their precedence: what comes later wins.
    private static func settings(_ address: PostgreSQLAddress) -> KeyValuePairs<String, String> {
        [
            "application_name": "tintype",
            // The network's silence is noticed after 10 + 3 × 3 seconds where nothing is being said.
            "keepalives_idle": "10", "keepalives_interval": "3", "keepalives_count": "3",
            // In milliseconds: how long what was sent may stay unacknowledged.
            "tcp_user_timeout": "10000",
            // In seconds and for each host. Longer than anyone waits: seven round trips on a bad network take that long, and
            // the connection is there for the next.
            "connect_timeout": "5",
            "dbname": address.url,
            "client_encoding": "UTF8",
        ]
    }

    private static func setting(_ name: String, _ value: String) -> SQLStatement {
        SQLStatement(text: "SELECT set_config(?, ?, false)", values: [.text(name), .text(value)])
    }

    /// A clock of tests is told to the server each time.
    var preamble: [SQLStatement] {
        clock.injected.map { [Self.setting(PostgreSQLClock.setting, String($0.milliseconds))] } ?? []
    }

    var isOpen: Bool {
        // An idle connection has nothing to read, unless it is the end, or the server's last words.
        unsafe PQstatus(handle) == CONNECTION_OK && !isReadable(for: .zero)
    }

    private func lost() -> PostgreSQLFailure { .lost(unsafe String(cString: PQerrorMessage(handle))) }
}

// MARK: - Statements

extension PostgreSQLLink {
    func exchange(_ statements: [SQLStatement], until deadline: ContinuousClock.Instant) throws -> [SQLAnswer] {
        var expected: [Expected] = []
        for statement in statements {
            let text = texts.text(of: statement)
            let name = try prepare(text, expecting: &expected)
            let count = CInt(truncatingIfNeeded: statement.values.count)
            let isSent = unsafe withCStrings(statement.values.map(\.parameter)) { values in
                unsafe PQsendQueryPrepared(handle, name, count, values, nil, nil, 0)
            }
            guard isSent == 1 else { throw lost() }
            expected.append(.answer(text))
        }
        guard unsafe PQpipelineSync(handle) == 1 else { throw lost() }
        return try receive(expected, until: deadline)
    }

    private enum Expected {
        case prepared(name: String, text: String)
        case answer(String)

        var statement: String {
            switch self {
            case .prepared(_, let text), .answer(let text): text
            }
        }
    }

    /// Sends the statement along to be prepared, where the server does not have it yet.
    private func prepare(_ text: String, expecting expected: inout [Expected]) throws -> String {
        if let name = prepared[text] { return name }
        // Not under no name, which the next statement without one takes over.
        for case .prepared(let name, text) in expected where !name.isEmpty { return name }
        // The texts are the program's own and few; this is for the day when they are not.
        if prepared.count < 500 { lastName += 1 }
        let name = prepared.count < 500 ? "s\(lastName)" : ""
        guard unsafe PQsendPrepare(handle, name, text, 0, nil) == 1 else { throw lost() }
        expected.append(.prepared(name: name, text: text))
        return name
    }

    /// Reads the answers, up to and with the one to the pipeline's end.
    private func receive(
        _ expected: [Expected], until deadline: ContinuousClock.Instant
    ) throws -> [SQLAnswer] {
        var answers: [SQLAnswer] = []
        var failure: PostgreSQLFailure?
        var place = expected.startIndex
        var pauses = 0
        while true {
            guard let result = unsafe try nextResult(until: deadline) else {
                // One after each statement's result; more would be the end of it, unannounced.
                pauses += 1
                guard pauses <= expected.count else { throw PostgreSQLFailure.lost("answers are missing") }
                continue
            }
            defer { unsafe PQclear(result) }
            let status = unsafe PQresultStatus(result)
            if status == PGRES_PIPELINE_SYNC {
                if let failure { throw failure }
                return answers
            }
            guard expected.indices.contains(place) else { throw PostgreSQLFailure.lost("an answer to nothing came") }
            switch (status, expected[place]) {
            case (PGRES_COMMAND_OK, .prepared(let name, let text)):
                if !name.isEmpty { prepared[text] = name }
            case (PGRES_COMMAND_OK, .answer), (PGRES_TUPLES_OK, .answer):
                answers.append(unsafe SQLAnswer(result))
            case (PGRES_PIPELINE_ABORTED, _): break
            default:
                let found = unsafe PostgreSQLFailure(result, in: expected[place].statement)
                // The server's last words: nothing comes after them.
                if found.isLost { throw found }
                failure = failure ?? found
            }
            place += 1
        }
    }
}

extension PostgreSQLFailure {
    fileprivate init(_ result: OpaquePointer, in statement: String) {
        func field(_ code: Character) -> String {
            let text = unsafe PQresultErrorField(result, CInt(code.asciiValue ?? 0))
            return unsafe text.map { unsafe String(cString: $0) } ?? ""
        }
        let state = field("C")
        let message = field("M")
        self.init(
            sqlState: state,
            message: message.isEmpty ? unsafe String(cString: PQresultErrorMessage(result)).trimmingNewlines : message,
            statement: statement)
        // With no code it is libpq's own: the connection broke.
        isLost = state.isEmpty || isServersFault
    }
}

// MARK: - Waiting

extension PostgreSQLLink {
    /// The next result, the caller's to clear; `nil` between two statements.
    private func nextResult(until deadline: ContinuousClock.Instant) throws -> OpaquePointer? {
        while true {
            let left = unsafe PQflush(handle)
            guard left >= 0 else { throw lost() }
            if unsafe PQisBusy(handle) == 0 {
                if let result = unsafe PQgetResult(handle) { return unsafe result }
                guard unsafe PQstatus(handle) == CONNECTION_OK else { throw lost() }
                return nil
            }
            guard try wait(until: deadline, toWrite: left > 0) else {
                throw PostgreSQLFailure.lost("the server did not answer in time")
            }
            guard unsafe PQconsumeInput(handle) == 1 else { throw lost() }
        }
    }

    /// - Returns: whether there is something to read, or room to write; `false` when the time is up.
    private func wait(until deadline: ContinuousClock.Instant, toWrite: Bool) throws -> Bool {
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return false }
            var descriptor = pollfd(
                fd: unsafe PQsocket(handle), events: Int16(toWrite ? POLLIN | POLLOUT : POLLIN), revents: 0)
            // Rounded up, or the last millisecond would be spent in a circle.
            let found = unsafe poll(&descriptor, 1, CInt(clamping: left.milliseconds + 1))
            if found > 0 { return true }
            guard found == 0 || errno == EINTR else { throw PostgreSQLFailure.lost("poll failed with \(errno)") }
        }
    }

    private func isReadable(for duration: Duration) -> Bool {
        var descriptor = pollfd(fd: unsafe PQsocket(handle), events: Int16(POLLIN), revents: 0)
        return unsafe poll(&descriptor, 1, CInt(clamping: duration.milliseconds)) != 0
    }
}

extension PostgreSQLLink {
    /// Waits for notifications, which the server sends of its own accord.
    /// - Returns: their payloads; empty when the time is up.
    func notifications(waiting duration: Duration) throws -> [String] {
        // Some may have come along with an answer.
        let early = payloads
        guard early.isEmpty, isReadable(for: duration) else { return early }
        guard unsafe PQconsumeInput(handle) == 1, unsafe PQstatus(handle) == CONNECTION_OK else { throw lost() }
        return payloads
    }

    private var payloads: [String] {
        var payloads: [String] = []
        while let notice = unsafe PQnotifies(handle) {
            unsafe payloads.append(String(cString: notice.pointee.extra))
            unsafe PQfreemem(notice)
        }
        return payloads
    }
}
