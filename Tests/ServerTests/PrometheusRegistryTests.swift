import CoreMetrics
import Testing

@testable import Server

@Suite struct `A registry of metrics` {
    @Test func `writes counters, gauges and histograms as Prometheus reads them`() {
        let registry = PrometheusRegistry()
        registry.counter("b_total", [("path", "a\\b\"c\nd"), ("k", "v")], help: "Two\nlines.").increment(by: 3 as Int64)
        registry.counter("b_total").increment(by: 0.5)
        registry.gauge("a").set(2.25)
        let timer = registry.histogram("c_seconds", [("r", "x")])
        timer.recordNanoseconds(1_000_000)
        timer.recordNanoseconds(70_000_000_000)
        let buckets = zip(PrometheusHistogram.bounds, repeatElement(1, count: 15))
            .map { "c_seconds_bucket{r=\"x\",le=\"\(Exposition.number($0))\"} \($1)" }
        #expect(
            registry.text().split(separator: "\n").map(String.init) == [
                "# HELP a a", "# TYPE a gauge", "a 2.25",
                "# HELP b_total Two\\nlines.", "# TYPE b_total counter", "b_total 0.5",
                "b_total{path=\"a\\\\b\\\"c\\nd\",k=\"v\"} 3",
                "# HELP c_seconds c_seconds", "# TYPE c_seconds histogram",
            ] + buckets + [
                "c_seconds_bucket{r=\"x\",le=\"+Inf\"} 2", "c_seconds_sum{r=\"x\"} 70.001",
                "c_seconds_count{r=\"x\"} 2",
            ])
    }

    @Test func `gives the same instrument for the same name and labels`() {
        let registry = PrometheusRegistry()
        for _ in 0..<3 {
            Counter(label: "jobs.done", dimensions: [("s", "x")], factory: registry).increment(by: 2)
            Meter(label: "depth", factory: registry).increment(by: 1.5)
            Timer(label: "t", factory: registry).recordSeconds(1)
        }
        let lines = registry.text().split(separator: "\n")
        #expect(lines.contains("jobs_done{s=\"x\"} 6"))
        #expect(lines.contains("depth 4.5"))
        #expect(lines.contains("t_count 3"))
    }

    @Test func `counts right when many count at once`() async {
        let registry = PrometheusRegistry()
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        registry.counter("n").increment(by: 1 as Int64)
                        registry.gauge("g").increment(by: 1)
                    }
                }
            }
        }
        #expect(registry.text().contains("\nn 8000\n"))
        #expect(registry.text().contains("\ng 8000\n"))
    }
}
