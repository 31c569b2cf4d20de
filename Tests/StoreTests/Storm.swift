import Imaging
import Jobs
import Threads

/// Everybody at once: clients submit, cancel, retry and delete, workers claim, finish and fail, a reconciler expires.
struct Storm: Sendable {
    let scene: Scene
    private let areClientsGone = Flag()
    private let isWorkDone = Flag()

    init(scene: Scene) { self.scene = scene }

    /// Rages until all that was submitted has ended.
    func rage() async throws {
        try await withThrowingTaskGroup { workers in
            for _ in 0..<4 { workers.addTask { try await work() } }
            do {
                defer { isWorkDone.raise() }
                try await withThrowingTaskGroup { meddlers in
                    for _ in 0..<2 { meddlers.addTask { try await meddle() } }
                    do {
                        defer { areClientsGone.raise() }
                        try await withThrowingTaskGroup { clients in
                            for _ in 0..<6 { clients.addTask { try await submit() } }
                            try await clients.waitForAll()
                        }
                    }
                    try await meddlers.waitForAll()
                }
            }
            try await workers.waitForAll()
        }
    }

    /// Uploads the same picture again and again, has it made into one of a few results, and sometimes deletes it.
    private func submit() async throws {
        for round in 1...15 {
            let file = try await scene.insert()
            for _ in 1...3 {
                let key = IdempotencyKey(key: "\(Int.random(in: 1...300))", fingerprint: "f")
                try await scene.submit(file, quality: Int.random(in: 1...3), key: Bool.random() ? key : nil)
            }
            if round % 3 == 0 { _ = try await scene.store.deleteFile(file.id) }
        }
    }

    private func work() async throws {
        let worker = WorkerID()
        while true {
            let isLast = isWorkDone.isRaised
            let jobs = try await scene.store.claim(
                .next(2, preferring: .drawn()), by: worker, lease: Scene.lease)
            for job in jobs {
                let claim = Claim(job: job.id, worker: worker, fence: job.fence)
                try await tolerating {
                    switch Int.random(in: 1...4) {
                    case 1: try await scene.fail(claim)
                    case 2: try await scene.store.release([claim])
                    default: try await scene.finish(claim, keptFor: .zero)
                    }
                }
            }
            if jobs.isEmpty, isLast { return }
        }
    }

    private func meddle() async throws {
        while !areClientsGone.isRaised {
            let jobs = try await scene.store.jobs(JobFilter(), after: nil, limit: 20)
            if let job = jobs.randomElement() {
                try await tolerating { _ = try await scene.store.cancel(job.id, expiresAt: .now) }
                try await tolerating { _ = try await scene.store.retryFailed(job.id) }
            }
            _ = try await scene.store.expire(forgetting: scene.clock.now, limit: 5)
        }
    }

    /// Others may always have been faster; anything else is a fault.
    private func tolerating(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as JobStoreError {
            switch error {
            case .unknown, .expired, .claimLost, .isFinal, .notFailed, .sourceGone, .webhookOwed: break
            case .idempotencyKeyReused, .unavailable, .full: throw error
            }
        }
    }
}
