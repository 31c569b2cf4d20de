import HTTPTypes
import Jobs

/// `/health` and its two short forms.
struct HealthResource: Resource {
    let version: String
    let startedAt: ContinuousClock.Instant
    let readiness: Readiness
    let health: Remembered<DeploymentHealth>

    var routes: [Route] {
        [
            Route(.get, "/health/live", .live) { _ in Answer(json: ["status": "live"]) },
            Route(.get, "/health/ready", .ready) { [readiness] _ in
                if readiness.isDraining {
                    throw Problem(.draining, "no new work is taken here any more")
                }
                return Answer(json: ["status": "ready"])
            },
            Route(.get, "/health", .health) { [self] _ in await report() },
        ]
    }

    private func report() async -> Answer {
        let health = await health.value
        let json: JSON = .object(
            [
                ("status", .string(health.status)), ("version", .string(version)),
                ("uptime_seconds", JSON(rounding: (ContinuousClock.now - startedAt).seconds)),
                ("redis", .string(redis(health))),
            ] + health.members())
        return Answer(health.store.isUp ? .ok : .serviceUnavailable, json: json)
    }

    private func redis(_ health: DeploymentHealth) -> String {
        let parts = [health.store, health.queue, health.redis].compactMap(\.self).filter { $0.kind == "redis" }
        if parts.isEmpty { return "not configured" }
        return parts.allSatisfy(\.isUp) ? "connected" : "disconnected"
    }
}
