/// How the whole deployment's queue stands.
package struct QueueFigures: Sendable, Hashable {
    /// Jobs ready to run.
    package var depth = 0
    /// Queued jobs that wait for their time.
    package var delayed = 0
    package var inProgress = 0
    /// Jobs that ended as failed and have not expired.
    package var dead = 0
    /// The age of the ready job that has waited longest, in seconds.
    package var oldestSeconds = 0.0
    /// Over the last ten seconds.
    package var enqueuedPerSecond = 0.0
    package var donePerSecond = 0.0
    /// Whether workers were told to take no pictures.
    package var isPaused = false

    package init() {}

    /// The figure to scale on: work there is for each worker that takes any; those that drain do not.
    package func backlogPerWorker(of workers: [WorkerPresence]) -> Double {
        Double(depth + inProgress) / Double(max(1, workers.count { $0.slots > 0 && !$0.isDraining }))
    }
}

/// A process that works on jobs, as it announces itself; one with no slots works on none, and only says that it lives.
package struct WorkerPresence: Sendable, Hashable {
    package var id: WorkerID
    package var host: String
    package var slots: Int
    package var busy: Int
    package var version: String
    package var seenAt: Timestamp
    /// Whether it was told to take no pictures.
    package var isDraining = false

    /// How often a process announces itself.
    package static let interval = Duration.seconds(5)
    /// One that said nothing for so long is gone.
    package static let patience = Duration.seconds(12)

    package init(id: WorkerID, host: String, slots: Int, busy: Int, version: String, seenAt: Timestamp) {
        self.id = id
        self.host = host
        self.slots = slots
        self.busy = busy
        self.version = version
        self.seenAt = seenAt
    }
}

/// What operators want of a worker.
package struct Orders: Sendable, Hashable {
    /// Of every worker: to take no pictures.
    package var isPaused = false
    /// Of this one.
    package var isDraining = false

    package init(isPaused: Bool = false, isDraining: Bool = false) {
        self.isPaused = isPaused
        self.isDraining = isDraining
    }

    var takesPictures: Bool { !isPaused && !isDraining }

    /// For people.
    var reason: String { isPaused ? "paused" : isDraining ? "draining" : "resumed" }
}
