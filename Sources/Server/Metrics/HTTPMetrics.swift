import HTTPTypes
import Synchronization

/// Counts requests, by route, method and status.
final class HTTPMetrics: Sendable {
    private struct Key: Hashable {
        let route: String
        let method: String
        let status: Int
    }

    private let registry: PrometheusRegistry
    // Asking the registry spells the labels anew; each combination is asked for once.
    private let known = Mutex<[Key: (PrometheusCounter, PrometheusHistogram)]>([:])
    let traffic: Traffic

    init(registry: PrometheusRegistry) {
        self.registry = registry
        traffic = Traffic(registry: registry)
    }

    /// - Parameters:
    ///   - route: a template, so that ids do not make series of their own.
    ///   - method: `nil` where what came is no request.
    func answered(route: String, method: HTTPRequest.Method?, status: Int, in duration: Duration?) {
        // Methods that clients make up are one series together.
        let method = method.flatMap { Self.methods.contains($0) ? $0.rawValue : nil } ?? "other"
        let (requests, latency) = known.withLock { known in
            let key = Key(route: route, method: method, status: status)
            if let found = known[key] { return found }
            let made = make(key)
            known[key] = made
            return made
        }
        requests.increment(by: 1 as Int64)
        if let duration { latency.record(duration / .seconds(1)) }
    }

    private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .delete, .patch, .options]

    private func make(_ key: Key) -> (PrometheusCounter, PrometheusHistogram) {
        let labels = [("route", key.route), ("method", key.method)]
        return (
            registry.counter(
                "tintype_http_requests_total", labels + [("status", String(key.status))],
                help: "Requests answered, by route template."),
            registry.histogram(
                "tintype_http_request_duration_seconds", labels,
                help: "From the end of the request's header to the end of its answer.")
        )
    }
}

/// Counts the bytes of bodies.
struct Traffic: Sendable {
    private let inbound: PrometheusCounter
    private let outbound: PrometheusCounter

    init(registry: PrometheusRegistry) {
        inbound = registry.counter("tintype_http_received_bytes_total", help: "Bytes of request bodies.")
        outbound = registry.counter("tintype_http_sent_bytes_total", help: "Bytes of response bodies.")
    }

    func received(_ count: Int) { inbound.increment(by: Int64(count)) }
    func sent(_ count: Int) { outbound.increment(by: Int64(count)) }
}
