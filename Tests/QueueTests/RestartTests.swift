import Jobs
import TestServers
import Testing

extension `Queues` {
    /// The one suite that stops servers.
    @Suite struct `Job queue whose server dies` {
        @Test(arguments: QueueBackend.carrying)
        func `callers are told in time, and rings that were accepted are still there`(
            _ backend: QueueBackend
        ) async throws {
            let services = try Services()
            try await backend.withQueue { shared in
                let (api, worker) = (try await shared.join(), try await shared.join())
                _ = try await take(1, from: worker.queue, within: .milliseconds(100))
                let (before, held, after) = (someJobs(100), someJobs(2), someJobs(10))
                try await api.queue.ring(for: held)
                var stale: [Ring] = []
                while stale.count < 2 { stale += try await worker.queue.next(limit: 2) }
                try await api.queue.ring(for: before)
                // A quorum queue that was made within the last two seconds may be lost with its first messages.
                try await Task.sleep(for: .seconds(2))

                try await services.crash(backend.service)
                await expectUnavailable { try await api.queue.ring(for: after) }
                await expectUnavailable { try await api.queue.ping() }
                await expectUnavailable { _ = try await api.queue.depth() }
                try await services.start(backend.service)

                try await persistently { try await api.queue.ring(for: after) }
                try await persistently { try await worker.queue.acknowledge(stale) }
                var heard: Set<JobID> = []
                let accepted = Set((before + after).map(\.id))
                try await eventually {
                    heard.formUnion(
                        try await persistently { try await take(50, from: worker.queue, within: .seconds(1)) })
                    return heard.isSuperset(of: accepted)
                }
                // Where a receipt is worth nothing on a new connection, what it stood for comes again.
                #expect(heard.subtracting(accepted).isSubset(of: Set(held.map(\.id))))
            }
        }
    }
}
