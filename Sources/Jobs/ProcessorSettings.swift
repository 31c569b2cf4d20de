/// How one process works on jobs.
package struct ProcessorSettings: Sendable {
    package var worker: WorkerID
    package var host: String
    package var version: String
    /// Pictures that are developed at once.
    package var slots: Int
    /// How long a claim holds without a heartbeat.
    package var lease: Duration
    package var retryPolicy: RetryPolicy
    /// How long results are kept.
    package var retention: Duration
    /// How long the process may take to end once it is asked to.
    package var shutdownGrace: Duration

    package init(
        worker: WorkerID, host: String, version: String, slots: Int, lease: Duration, retryPolicy: RetryPolicy,
        retention: Duration, shutdownGrace: Duration
    ) {
        self.worker = worker
        self.host = host
        self.version = version
        self.slots = slots
        self.lease = lease
        self.retryPolicy = retryPolicy
        self.retention = retention
        self.shutdownGrace = shutdownGrace
    }

    /// Three beats to a lease: two may be lost before the claim is.
    package var heartbeatInterval: Duration { lease / 3 }

    /// How long running jobs may go on then. The rest is for handing them back and for the answers that are under way.
    package var jobGrace: Duration { shutdownGrace - min(.seconds(5), shutdownGrace / 4) }
    /// How long work that is told to end may take for it before it is left behind: a step of a codec may take longer.
    package var parting: Duration { (shutdownGrace - jobGrace) / 4 }
}
