import Synchronization

/// The jobs that a process has claimed, and how many more it may claim.
final class Workload: Sendable {
    private struct State {
        var stops: [Claim: Stop] = [:]
        /// Moving average of how long a picture takes, in seconds.
        var averageSeconds = 1.0
    }

    private let slots: Int
    private let state = Mutex(State())
    /// Rings when a job has ended.
    let roomBell = Bell()

    init(slots: Int) { self.slots = slots }

    var claims: [Claim] { state.withLock { Array($0.stops.keys) } }
    var count: Int { state.withLock { $0.stops.count } }

    /// How many jobs may be claimed now.
    ///
    /// Beyond one for each slot, as many are claimed ahead as the slots develop in 50 ms: with small pictures a slot then
    /// never waits for the store, and with large ones no job waits here while another worker is idle.
    var room: Int {
        state.withLock { state in
            let ahead = min(Self.maxAheadPerSlot, Int(Self.aheadSeconds / state.averageSeconds))
            return max(0, slots * (1 + ahead) - state.stops.count)
        }
    }

    private static let aheadSeconds = 0.05
    private static let maxAheadPerSlot = 4

    /// Counts a claim in, and says how its work can be stopped.
    func add(_ claim: Claim) -> Stop {
        let stop = Stop()
        state.withLock { $0.stops[claim] = stop }
        return stop
    }

    func remove(_ claim: Claim) {
        state.withLock { _ = $0.stops.removeValue(forKey: claim) }
        roomBell.ring()
    }

    func stop(_ claims: some Sequence<Claim>, because reason: Stop.Reason) {
        let stops = state.withLock { state in claims.compactMap { state.stops[$0] } }
        for stop in stops { stop.pull(reason) }
    }

    func observe(_ duration: Duration) {
        state.withLock { $0.averageSeconds += (max(duration.seconds, 1e-5) - $0.averageSeconds) / 16 }
    }
}

/// Ends the work on one job before its time.
final class Stop: Sendable {
    enum Reason: Sendable {
        /// The claim is gone: nobody wants the result.
        case claimLost
        /// The process is going down: others shall do it.
        case shutdown
    }

    private let reasonPulled = Mutex<Reason?>(nil)
    private let bell = Bell()

    /// The first reason given.
    var reason: Reason? { reasonPulled.withLock { $0 } }

    func pull(_ reason: Reason) {
        reasonPulled.withLock { $0 = $0 ?? reason }
        bell.ring()
    }

    /// Runs `body`, cancelled when the stop is pulled.
    func cancelling<R: Sendable>(_ body: @escaping @Sendable () async throws -> R) async throws -> R {
        try await withThrowingTaskGroup(of: R.self) { group in
            group.addTask { try await body() }
            group.addTask {
                await self.bell.wait()
                throw CancellationError()
            }
            defer { group.cancelAll() }
            // Two tasks were added, so there is a first result.
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }
}
