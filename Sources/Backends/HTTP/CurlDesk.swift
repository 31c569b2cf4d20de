/// The requests of one client, those that run and those that wait for their turn. It lives on the client's thread.
struct CurlDesk {
    /// An answer for somebody who waits.
    struct End {
        let continuation: CheckedContinuation<CurlResponse, any Error>
        let result: Result<CurlResponse, any Error>
    }

    private let multi: CurlMulti
    private let profile: CurlProfile
    private var waiting: [CurlOrder] = []
    private var running: [UInt64: CurlTransfer] = [:]
    /// When a byte last moved on any connection.
    private var movedAt = ContinuousClock.now

    init(multi: CurlMulti, profile: CurlProfile) {
        self.multi = multi
        self.profile = profile
    }

    mutating func take(_ orders: [CurlOrder]) -> [End] {
        waiting += orders
        return startWaiting()
    }

    /// An id that is not there has ended already, or comes again after its order.
    mutating func cancel(_ ids: [UInt64]) -> [End] {
        ids.compactMap { id in
            if let transfer = running[id] { return end(transfer, .failure(CancellationError())) }
            guard let index = waiting.firstIndex(where: { $0.id == id }) else { return nil }
            return End(continuation: waiting.remove(at: index).continuation, result: .failure(CancellationError()))
        }
    }

    /// Moves whatever bytes can be moved.
    mutating func advance() -> [End] {
        multi.perform()
        movedAt = running.values.reduce(movedAt) { max($0, $1.movedAt) }
        var ended: [End] = []
        while let (transfer, code) = multi.nextEnded() { ended.append(end(transfer, transfer.result(code))) }
        let now = ContinuousClock.now
        for transfer in running.values where transfer.deadline <= now {
            ended.append(end(transfer, transfer.resultAtDeadline()))
        }
        return ended + startWaiting()
    }

    /// Until something ends because nothing happens.
    var timeToNextLimit: Duration {
        let limits = running.values.map(\.deadline) + waiting.prefix(1).map(limit(of:))
        return min(limits.min().map { ContinuousClock.now.duration(to: $0) } ?? .seconds(60), .seconds(60))
    }

    /// When a request will have waited long enough for its turn: waiting is no fault as long as the others get on.
    private func limit(of order: CurlOrder) -> ContinuousClock.Instant { standstill(of: order) + profile.waitingTime }

    /// Since when a waiting request sees nothing move.
    private func standstill(of order: CurlOrder) -> ContinuousClock.Instant { max(order.submittedAt, movedAt) }

    private mutating func startWaiting() -> [End] {
        var ended: [End] = []
        let places = min(waiting.count, profile.concurrency - running.count)
        for order in waiting.prefix(places) {
            do {
                let transfer = try CurlTransfer(order, profile: profile, waitingSince: standstill(of: order))
                try multi.add(transfer)
                running[order.id] = transfer
            } catch {
                ended.append(End(continuation: order.continuation, result: .failure(error)))
            }
        }
        waiting.removeFirst(places)
        let now = ContinuousClock.now
        let late = waiting.prefix { limit(of: $0) <= now }
        for order in late {
            let error = CurlError.busy(reason: "\(profile.concurrency) requests run already, and nothing moves")
            ended.append(End(continuation: order.continuation, result: .failure(error)))
        }
        waiting.removeFirst(late.count)
        return ended
    }

    private mutating func end(_ transfer: CurlTransfer, _ result: Result<CurlResponse, any Error>) -> End {
        multi.remove(transfer)
        running[transfer.order.id] = nil
        return End(continuation: transfer.order.continuation, result: result)
    }
}
