import HTTPTypes
import Jobs
import NIOCore

/// `/metrics`: the process's counters, and the deployment's queue as it stands.
struct MetricsResource: Resource {
    let registry: PrometheusRegistry
    let startedAt: Timestamp
    let health: Remembered<DeploymentHealth>

    var routes: [Route] {
        [
            Route(.get, "/metrics", .metrics) { [self] _ in
                measure(await health.value)
                return Answer(
                    .ok, fields: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                    body: .bytes(ByteBuffer(string: registry.text())))
            }
        ]
    }

    private func measure(_ health: DeploymentHealth) {
        let figures = health.figures
        let workers = health.workers
        set("tintype_queue_depth", Double(figures.depth), "Jobs ready to run.")
        set("tintype_queue_delayed", Double(figures.delayed), "Queued jobs that wait for their time.")
        set("tintype_queue_in_progress", Double(figures.inProgress), "Jobs that a worker has.")
        set("tintype_queue_dead", Double(figures.dead), "Jobs that ended as failed.")
        set("tintype_queue_oldest_seconds", figures.oldestSeconds, "Age of the ready job that waited longest.")
        set("tintype_workers_live", Double(workers.count), "Workers that announced themselves lately.")
        set("tintype_worker_slots", Double(workers.reduce(0) { $0 + $1.slots }), "Jobs that can run at once.")
        set("tintype_worker_slots_busy", Double(workers.reduce(0) { $0 + $1.busy }), "Jobs that run now.")
        set(
            "tintype_backlog_per_worker", figures.backlogPerWorker(of: workers),
            "Ready and running jobs for each live worker: the figure to scale on.")
        for (name, component) in [("store", health.store), ("queue", health.queue), ("storage", health.storage)] {
            registry.gauge("tintype_component_up", [("component", name), ("kind", component.kind)], help: "1 or 0.")
                .set(component.isUp ? 1.0 : 0.0)
        }
        set("process_start_time_seconds", Double(startedAt.milliseconds) / 1000, "Since 1970-01-01 UTC.")
        if let bytes = ProcessFigures.residentBytes {
            set("process_resident_memory_bytes", Double(bytes), "Memory that is there and not swapped out.")
        }
        if let count = ProcessFigures.openDescriptors {
            set("process_open_fds", Double(count), "Descriptors that are open.")
        }
        if let seconds = ProcessFigures.processorSeconds {
            registry.counter("process_cpu_seconds_total", help: "Processor time, user and kernel.").advance(to: seconds)
        }
    }

    private func set(_ name: String, _ value: Double, _ help: String) {
        registry.gauge(name, help: help).set(value)
    }
}
