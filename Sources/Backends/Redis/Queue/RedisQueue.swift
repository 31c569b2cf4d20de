package import Jobs
import NIOCore
import Synchronization

/// Rings through Redis Streams: a stream for each class, and one consumer group, whose members are the workers.
///
/// A ring that was taken is its worker's until it is acknowledged; where that does not happen, others take it over. A
/// stream that was deleted, and the group with it, is made again by the next that uses it.
package final class RedisQueue: JobQueue {
    package let kind = "redis"
    private let client: RedisClient
    private let worker: WorkerID
    private let streams: RingStreams
    private let patience: Duration
    private let idle: Duration
    private let state: Mutex<State>

    private struct State {
        /// Taken and not handed out yet: a wait may end with a ring of each class.
        var surplus: [Ring] = []
        /// Connections for waits; one, as long as one task waits at a time.
        var connections: [RedisConnection] = []
        /// The last wait ended with nothing: the next one needs no look at what is there already, and has time.
        var isQuiet = false
        var nextTakeover: ContinuousClock.Instant
        var nextTidying: ContinuousClock.Instant
    }

    /// A worker asks every few seconds, so that these are long dead.
    private static let consumerAge = Duration.seconds(3600)
    private static let tidyingInterval = Duration.seconds(600)
    /// How many rings one write carries.
    private static let pageSize = 500
    /// How much longer than asked a wait may take before its connection counts as broken.
    private static let grace = RedisClient.patience

    /// - Parameters:
    ///   - worker: the consumer's name, unique for each process start.
    ///   - prefix: of all keys; its hash tag keeps them together in a cluster.
    ///   - patience: how long ``next(limit:)`` waits before the store is worth a look; twice as long once nothing came.
    ///   - idle: how long a worker may keep a ring that it does not acknowledge.
    package init(
        _ client: RedisClient, worker: WorkerID, prefix: String = "{tintype}", patience: Duration = .seconds(5),
        idle: Duration = .seconds(10)
    ) {
        self.client = client
        self.worker = worker
        self.patience = patience
        self.idle = idle
        streams = RingStreams(prefix: prefix)
        state = Mutex(State(nextTakeover: .now, nextTidying: .now))
    }

    package func ping() async throws { _ = try await client.send("PING") }

    package func ring(for jobs: [ReadyJob]) async throws {
        for start in stride(from: 0, to: jobs.count, by: Self.pageSize) {
            let page = jobs[start..<min(start + Self.pageSize, jobs.count)]
            let answers = try await client.send(
                all: page.map { job in
                    ["XADD", .text(streams.key(of: job.priority)), "*", "job", .text(job.id.description)]
                })
            for case .failure(let error) in answers { throw error.meaning }
        }
    }

    package func next(limit: Int) async throws -> [Ring] {
        try Task.checkCancellation()
        guard limit > 0 else { return [] }
        let kept = state.withLock { state in
            defer { state.surplus.removeFirst(min(limit, state.surplus.count)) }
            return Array(state.surplus.prefix(limit))
        }
        if !kept.isEmpty { return kept }
        try await tidyWhenDue()
        let inherited = try await inheritWhenDue(limit: limit)
        if !inherited.isEmpty { return inherited }
        let isQuiet = state.withLock { state in
            defer { state.isQuiet = false }
            return state.isQuiet
        }
        if !isQuiet {
            let taken = try await take(limit: limit)
            if !taken.isEmpty { return taken }
        }
        let awaited = try await wait(isQuiet ? patience * 2 : patience)
        if awaited.count > limit { state.withLock { $0.surplus += awaited.dropFirst(limit) } }
        return Array(awaited.prefix(limit))
    }

    package func acknowledge(_ rings: [Ring]) async throws {
        let entries = streams.entries(of: rings)
        guard !entries.isEmpty else { return }
        _ = try await client.run(
            RingScripts.acknowledge, keys: streams.keys, arguments: [.text(RingStreams.group)] + entries)
    }

    /// Rings again for what this worker has, in the place of the old rings; those who wait have it at once.
    package func leave() async throws {
        state.withLock { $0.surplus = [] }
        _ = try await client.run(
            RingScripts.leave, keys: streams.keys, arguments: [.text(RingStreams.group), .text(worker.description)])
    }

    /// How many rings have not been acknowledged.
    package func depth() async throws -> Int? {
        try await client.send(all: streams.keys.map { ["XLEN", .text($0)] }).reduce(0) { sum, length in
            if case .failure(let error) = length { throw error.meaning }
            return sum + (length.int ?? 0)
        }
    }

    /// Closes the connections of its own; the client is its owner's.
    package func close() async {
        for connection in state.withLock({ $0.connections }) { connection.close() }
    }
}

// MARK: - Taking

extension RedisQueue {
    private func take(limit: Int) async throws -> [Ring] {
        let found = try await client.run(
            RingScripts.take, keys: streams.keys,
            arguments: [
                .text(RingStreams.group), .text(worker.description), .integer(limit),
                .text("\(Double.random(in: 0..<1))"),
            ] + RingStreams.classes.map { .integer($0.weight) })
        return streams.rings(listed: found.array ?? [])
    }

    private func inheritWhenDue(limit: Int) async throws -> [Ring] {
        let now = ContinuousClock.now
        guard state.withLock({ $0.nextTakeover <= now }) else { return [] }
        let found = try await client.run(
            RingScripts.inherit, keys: streams.keys,
            arguments: [
                .text(RingStreams.group), .text(worker.description), .integer(Int(idle.milliseconds)), .integer(limit),
            ])
        let rings = streams.rings(listed: found.array ?? [])
        // There may be more.
        if rings.count < limit { state.withLock { $0.nextTakeover = now + idle * Double.random(in: 1...1.5) } }
        return rings
    }

    private func tidyWhenDue() async throws {
        let now = ContinuousClock.now
        guard state.withLock({ $0.nextTidying <= now }) else { return }
        try await tidy(consumersIdleFor: Self.consumerAge)
        state.withLock { $0.nextTidying = now + Self.tidyingInterval * Double.random(in: 0.8...1) }
    }

    /// Removes consumers that have not asked for so long and hold no rings.
    func tidy(consumersIdleFor age: Duration) async throws {
        _ = try await client.run(
            RingScripts.tidy, keys: streams.keys,
            arguments: [.text(RingStreams.group), .integer(Int(age.milliseconds))])
    }

    /// Waits for the first ring, and returns as soon as one comes.
    ///
    /// COUNT is for each stream; what came in between may so be one ring of each, but no more.
    private func wait(_ patience: Duration) async throws -> [Ring] {
        let connection = try await idleConnection()
        let words: [RedisArgument] =
            [
                "XREADGROUP", "GROUP", .text(RingStreams.group), .text(worker.description), "COUNT", 1,
                "BLOCK", .integer(max(1, Int(patience.milliseconds))), "STREAMS",
            ] + streams.keys.map(RedisArgument.text) + streams.keys.map { _ in ">" }
        do {
            let reply = try await connection.send(words, within: patience + Self.grace)
            let rings = streams.rings(read: reply)
            state.withLock { state in
                state.connections.append(connection)
                state.isQuiet = rings.isEmpty
            }
            return rings
        } catch let error as RedisError {
            connection.close()
            // Deleted, or moved to another node, while it waited: the next call makes or finds it again.
            if ["NOGROUP", "UNBLOCKED", "MOVED", "ASK"].contains(error.code) { return [] }
            throw error.meaning
        } catch {
            connection.close()
            throw error
        }
    }

    private func idleConnection() async throws -> RedisConnection {
        while let connection = state.withLock({ $0.connections.popLast() }) {
            if connection.isOpen { return connection }
        }
        return try await client.connection(for: streams.keys[0])
    }
}
