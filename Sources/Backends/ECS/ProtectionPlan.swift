/// Decides what the agent is told, and when.
struct ProtectionPlan {
    typealias Instant = ContinuousClock.Instant

    enum Step: Equatable {
        case tell(isProtected: Bool)
        /// For work to come or to end, and for so long at most.
        case wait(atMost: Duration?)
    }

    /// How long protection holds. It is renewed in half that time, and lasts no longer where this process dies over it.
    static let minutes = 10
    private static let renewal = Duration.seconds(minutes * 60 / 2)
    /// Work that comes in this time after the last finds the task protected still: small jobs one after the other shall
    /// not become two calls each, which ECS would throttle.
    private static let linger = Duration.milliseconds(500)
    private static let longestPause = Duration.seconds(60)

    /// What the agent agreed to last, and when. It is not known at first, since a container may be started again in its
    /// task, nor after a call that failed, which may have come through.
    private var agreed: (isProtected: Bool, at: Instant)?
    private var idleSince: Instant?
    private var refusals = 0
    private var refusedAt: Instant?

    mutating func next(isIdle: Bool, at now: Instant) -> Step {
        idleSince = isIdle ? idleSince ?? now : nil
        guard var due = dueTime(now) else { return .wait(atMost: nil) }
        if let refusedAt { due = max(due, refusedAt + pause) }
        return due <= now ? .tell(isProtected: !isIdle) : .wait(atMost: due - now)
    }

    /// When the agent is to be told something; `nil` while it knows.
    private func dueTime(_ now: Instant) -> Instant? {
        if let idleSince { return agreed?.isProtected == false ? nil : idleSince + Self.linger }
        guard let agreed, agreed.isProtected else { return now }
        return agreed.at + Self.renewal
    }

    /// Doubles with every refusal.
    private var pause: Duration { min(.seconds(1 << min(refusals - 1, 10)), Self.longestPause) }

    mutating func agreed(to isProtected: Bool, at now: Instant) {
        agreed = (isProtected, now)
        refusals = 0
        refusedAt = nil
    }

    /// Takes note that the agent did not agree, or did not answer.
    /// - Returns: whether it is the first time since it last did.
    mutating func refused(at now: Instant) -> Bool {
        agreed = nil
        refusals += 1
        refusedAt = now
        return refusals == 1
    }
}
