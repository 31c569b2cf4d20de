import Synchronization

/// The jobs that a process has claimed, and how many more it may claim.
package final class Workload: Sendable {
    private struct State {
        var efforts: [Claim: Effort] = [:]
        /// Those whose job waits for somebody else's server.
        var waiting: Set<Claim> = []
        /// Those whose job somebody else may have changed.
        var doubtful: Set<Claim> = []
        /// Whether the process's time is over, so that what is counted in has no time at all.
        var isOver = false
        /// What operators want; `nil` as long as it is not known, and nothing may be claimed.
        var orders: Orders?
        /// Moving average of how long a picture takes, in seconds.
        var averageSeconds = 1.0
    }

    private let slots: Int
    private let state: Mutex<State>
    /// Rings when a job has ended.
    let roomBell = Bell()
    /// Rings when a claim is in doubt.
    let doubtBell = Bell()
    /// Rings when the first job comes, and when the last has ended.
    package let idlenessBell = Bell()

    /// - Parameter orders: `nil` where they are to be heard of first.
    init(slots: Int, orders: Orders? = Orders()) {
        self.slots = slots
        state = Mutex(State(orders: orders))
    }

    var claims: [Claim] { state.withLock { Array($0.efforts.keys) } }
    /// Whether the process holds no job.
    package var isIdle: Bool { state.withLock { $0.efforts.isEmpty } }
    /// How many jobs take a slot, or wait for one.
    var count: Int { state.withLock { count($0) } }

    private func count(_ state: State) -> Int {
        state.efforts.count - min(state.waiting.count, slots * Self.maxWaitingPerSlot)
    }

    /// How many jobs may be claimed now.
    ///
    /// Beyond one for each slot, as many are claimed ahead as the slots develop in 50 ms: with small pictures a slot then
    /// never waits for the store, and with large ones no job waits here while another worker is idle. What is ahead is
    /// claimed half of it at a time, since a claim costs the store much the same for one job and for several.
    ///
    /// Jobs that wait for somebody else's server take no slot, up to a number: ten slow servers shall not stop all work.
    var room: Int {
        state.withLock { state in
            guard state.orders?.takesPictures ?? false else { return 0 }
            let ahead = slots * min(Self.maxAheadPerSlot, Int(Self.aheadSeconds / state.averageSeconds))
            let room = max(0, slots + ahead - count(state))
            return room > ahead / 2 ? room : 0
        }
    }

    private static let aheadSeconds = 0.05
    private static let maxAheadPerSlot = 8
    private static let maxWaitingPerSlot = 8

    /// Counts a claim in.
    func add(_ claim: Claim) -> Effort {
        let effort = Effort()
        let (isFirst, isOver) = state.withLock { state in
            state.efforts[claim] = effort
            return (state.efforts.count == 1, state.isOver)
        }
        if isFirst { idlenessBell.ring() }
        if isOver { effort.stop(because: .shutdown) }
        return effort
    }

    func remove(_ claim: Claim) {
        let wasLast = state.withLock { state in
            state.waiting.remove(claim)
            state.doubtful.remove(claim)
            return state.efforts.removeValue(forKey: claim) != nil && state.efforts.isEmpty
        }
        if wasLast { idlenessBell.ring() }
        if room > 0 { roomBell.ring() }
    }

    /// Takes note that a job begins or ceases to wait for somebody else's server.
    func note(_ claim: Claim, isWaiting: Bool) {
        state.withLock { state in
            if isWaiting, state.efforts[claim] != nil {
                state.waiting.insert(claim)
            } else {
                state.waiting.remove(claim)
            }
        }
        if isWaiting, room > 0 { roomBell.ring() }
    }

    /// Does as operators want from now on: claims no more pictures, or goes on.
    /// - Returns: whether that is news.
    @discardableResult
    func follow(_ orders: Orders) -> Bool {
        let last = state.withLock { state in
            defer { state.orders = orders }
            return state.orders
        }
        // Whoever waits for room has something to do either way: to claim, or to let others have what came for it.
        if last != orders { roomBell.ring() }
        return (last ?? Orders()) != orders
    }

    /// Whether no more may be claimed for now.
    var isHalted: Bool { state.withLock { !($0.orders?.takesPictures ?? false) } }

    /// For how long a claim has been held.
    func age(of claim: Claim) -> Duration {
        state.withLock { $0.efforts[claim]?.begin.duration(to: .now) } ?? .zero
    }

    /// Ends the work on what is no longer ours.
    func lose(_ claims: some Sequence<Claim>) {
        let efforts = state.withLock { state in claims.compactMap { state.efforts[$0] } }
        for effort in efforts { effort.stop(because: .claimLost) }
    }

    /// Ends all work, now and to come.
    func shutDown() {
        let efforts = state.withLock { state in
            state.isOver = true
            return Array(state.efforts.values)
        }
        for effort in efforts { effort.stop(because: .shutdown) }
    }

    /// Waits no longer for work that did not end when it was asked to.
    func abandon() {
        for effort in state.withLock({ Array($0.efforts.values) }) { effort.abandon() }
    }

    /// Takes note that a job may have been changed by others than its worker.
    func doubt(_ job: JobID) {
        let isOurs = state.withLock { state in
            let claims = state.efforts.keys.filter { $0.job == job }
            state.doubtful.formUnion(claims)
            return !claims.isEmpty
        }
        if isOurs { doubtBell.ring() }
    }

    /// The claims in doubt, which are so no longer.
    func takeDoubtful() -> [Claim] {
        state.withLock { state in
            defer { state.doubtful = [] }
            return Array(state.doubtful)
        }
    }

    /// The progress of jobs since it was last taken; small pictures end before that.
    func takeProgress() -> [(claim: Claim, progress: Double)] {
        let efforts = state.withLock { $0.efforts }
        return efforts.compactMap { claim, effort in effort.takeProgress().map { (claim, $0) } }
    }

    func observe(_ duration: Duration) {
        state.withLock { $0.averageSeconds += (max(duration.seconds, 1e-5) - $0.averageSeconds) / 16 }
    }
}
