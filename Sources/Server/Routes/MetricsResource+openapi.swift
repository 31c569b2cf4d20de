import HTTPTypes

extension RouteDescription {
    static let metrics = RouteDescription(
        "getMetrics", .operating, "Tells the figures of the process and of the queue", "For Prometheus.",
        answers: [
            Outcome(
                .ok, "Prometheus text, version 0.0.4.",
                [
                    Content(
                        "text/plain", Schema("string"),
                        examples: [("example", "# TYPE tintype_queue_depth gauge\ntintype_queue_depth 0\n")])
                ])
        ])
}
