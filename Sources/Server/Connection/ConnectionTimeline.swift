import NIOCore

/// What a connection is waiting for, and until when: events go in, deadlines and verdicts come out.
struct ConnectionTimeline {
    enum Verdict: Equatable {
        case none
        /// Nothing was asked for too long.
        case idle
        /// A header began and did not end.
        case headerTooSlow
        case bodyTooSlow
        /// The client does not take its answer.
        case answerTooSlow
        /// The rest of what the client sent has been given its time.
        case lingeringOver
    }

    private let headerTime: TimeAmount
    private let keepAliveTime: TimeAmount
    private let bodyWindow: TimeAmount
    private let bodyRate: Int
    private let answerWindow: TimeAmount
    private let answerRate: Int
    private let lingerTime: TimeAmount

    /// Requests whose answer is not yet complete.
    private(set) var unanswered = 0
    private(set) var isReadingBody = false
    private(set) var isLingering = false
    private var isFresh = true
    /// Since when nothing happens; for a lingering connection, since it does so.
    private var restingSince: NIODeadline
    /// When the first byte of a header came whose end has not.
    private var headerSince: NIODeadline?
    private var window: BodyWindow
    /// Bytes of answers that were given to be sent.
    private var answeredBytes = 0
    /// Since when the client is judged by what it takes, and how much it had taken then.
    private var taking: (since: NIODeadline, bytes: Int)?

    init(limits: ConnectionLimits, now: NIODeadline) {
        headerTime = TimeAmount(limits.headerTime)
        keepAliveTime = TimeAmount(limits.keepAliveTime)
        bodyWindow = TimeAmount(limits.bodyWindow)
        bodyRate = limits.bodyRate
        answerWindow = TimeAmount(limits.answerWindow)
        answerRate = limits.answerRate
        lingerTime = TimeAmount(limits.lingerTime)
        restingSince = now
        window = BodyWindow(began: now)
    }

    // MARK: Events

    mutating func bytesArrived(at now: NIODeadline) {
        if !isReadingBody, headerSince == nil { headerSince = now }
    }

    /// - Parameter unsent: bytes of answers that wait for the client to take others.
    mutating func headEnded(at now: NIODeadline, unsent: Int = 0) {
        unanswered += 1
        isFresh = false
        headerSince = nil
        // Where nothing waits, a new answer is judged by what is taken of it, and not by the quiet before it.
        if unsent == 0 { taking = nil }
        isReadingBody = true
        window = BodyWindow(began: now)
    }

    mutating func bodyArrived(bytes: Int) { window.bytes += bytes }

    mutating func requestEnded() { isReadingBody = false }

    mutating func answerGrew(bytes: Int, at now: NIODeadline) {
        if taking == nil { taking = (now, answeredBytes) }
        answeredBytes += bytes
    }

    mutating func answerEnded(at now: NIODeadline) {
        unanswered -= 1
        restingSince = now
        // A header that waited behind a long answer begins its time now.
        if headerSince != nil { headerSince = now }
    }

    mutating func readingPaused(at now: NIODeadline) { window.pause(at: now) }
    mutating func readingResumed(at now: NIODeadline) { window.resume(at: now) }

    /// With the last answer, and anew once it is sent.
    mutating func lingeringBegan(at now: NIODeadline) {
        isLingering = true
        restingSince = now
    }

    // MARK: Decisions

    /// When ``verdict(at:)`` is to be asked next; `nil` while the connection waits for us.
    var deadline: NIODeadline? {
        guard let takingEnds else { return waitingEnds }
        return min(takingEnds, waitingEnds ?? takingEnds)
    }

    private var takingEnds: NIODeadline? { taking.map { $0.since + answerWindow } }

    private var waitingEnds: NIODeadline? {
        if isLingering { return restingSince + lingerTime }
        if isReadingBody { return window.began + bodyWindow }
        if unanswered > 0 { return nil }
        if let headerSince { return headerSince + headerTime }
        return restingSince + (isFresh ? headerTime : keepAliveTime)
    }

    /// - Parameter unsent: bytes of answers that wait for the client to take others.
    mutating func verdict(at now: NIODeadline, unsent: Int = 0) -> Verdict {
        if let taking, let takingEnds, now >= takingEnds {
            let taken = answeredBytes - unsent
            let wanted = Double(answerRate) * Double((now - taking.since).nanoseconds) / 1e9
            if unsent > 0, Double(taken - taking.bytes) < wanted { return .answerTooSlow }
            self.taking = unsent > 0 ? (now, taken) : nil
        }
        guard let waitingEnds, now >= waitingEnds else { return .none }
        if isReadingBody, !isLingering {
            // Time in which we did not read is ours, not the client's; a window that was mostly ours says nothing.
            let waited = window.waited(until: now).nanoseconds
            let wanted = Double(bodyRate) * Double(waited) / 1e9
            if waited >= bodyWindow.nanoseconds / 2, Double(window.bytes) < wanted { return .bodyTooSlow }
            window = BodyWindow(began: now, isPaused: window.isPaused)
            return .none
        }
        if headerSince != nil, !isLingering { return .headerTooSlow }
        // A connection does not rest before its last answer is taken; how fast that is done was judged above.
        if taking != nil, unsent > 0 {
            restingSince = now
            return .none
        }
        return isLingering ? .lingeringOver : .idle
    }
}

/// What came of a body in one window, and how much of the window we did not listen.
private struct BodyWindow {
    let began: NIODeadline
    var bytes = 0
    private var paused = TimeAmount.zero
    private var pausedSince: NIODeadline?

    init(began: NIODeadline, isPaused: Bool = false) {
        self.began = began
        pausedSince = isPaused ? began : nil
    }

    var isPaused: Bool { pausedSince != nil }

    mutating func pause(at now: NIODeadline) {
        if pausedSince == nil { pausedSince = now }
    }

    mutating func resume(at now: NIODeadline) {
        if let since = pausedSince { paused = paused + (now - since) }
        pausedSince = nil
    }

    func waited(until now: NIODeadline) -> TimeAmount {
        let current = pausedSince.map { now - $0 } ?? .zero
        return (now - began) - paused - current
    }
}
