import Jobs

extension DeploymentHealth {
    /// What `/health` and the operator's overview have in common.
    ///
    /// - Parameter jobs: what each worker works on, where that is told.
    func members(jobs: [WorkerID: [Job]]? = nil) -> [(name: String, value: JSON)] {
        [
            (
                "components",
                [
                    "store": store.json, "queue": queue.json, "storage": storage.json,
                ]
            ),
            (
                "queue",
                [
                    "depth": .integer(figures.depth), "delayed": .integer(figures.delayed),
                    "in_progress": .integer(figures.inProgress), "dead": .integer(figures.dead),
                    "oldest_seconds": JSON(rounding: figures.oldestSeconds),
                    "enqueued_per_second": JSON(rounding: figures.enqueuedPerSecond),
                    "done_per_second": JSON(rounding: figures.donePerSecond),
                    "paused": .bool(figures.isPaused),
                ]
            ),
            (
                "workers",
                [
                    "live": .integer(workers.count), "slots": .integer(workers.reduce(0) { $0 + $1.slots }),
                    "busy": .integer(workers.reduce(0) { $0 + $1.busy }),
                    "list": .array(
                        workers.map { worker in worker.json(jobs: jobs.map { known in known[worker.id] ?? [] }) }),
                ]
            ),
            ("backlog_per_worker", JSON(rounding: figures.backlogPerWorker(of: workers))),
        ]
    }
}

extension DeploymentHealth.Component {
    fileprivate var json: JSON {
        [
            "kind": .string(kind), "status": isUp ? "up" : "down",
            "latency_ms": JSON(rounding: latency.seconds * 1000),
        ]
    }
}

extension WorkerPresence {
    fileprivate func json(jobs: [Job]?) -> JSON {
        let members: [(name: String, value: JSON)] = [
            ("id", JSON(id)), ("host", .string(host)), ("slots", .integer(slots)), ("busy", .integer(busy)),
            ("version", .string(version)), ("seen_at", JSON(seenAt)), ("draining", .bool(isDraining)),
        ]
        let current = jobs.map { jobs -> [(name: String, value: JSON)] in
            [
                (
                    "jobs",
                    .array(
                        jobs.map { job in
                            [
                                "job_id": JSON(job.id), "kind": .string(job.task.kind.rawValue),
                                "progress": JSON(rounding: job.progress), "started_at": JSON(job.startedAt),
                            ]
                        })
                )
            ]
        }
        return .object(members + (current ?? []))
    }
}
