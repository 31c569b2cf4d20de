import CoreMetrics
import FoundationEssentials
import Imaging
import Jobs
import Metrics
import Testing

@testable import CloudWatchBackend

@Suite struct `A line of metrics` {
    private let origin = MetricOrigin(service: "pictures", environment: "test")

    @Test func `is what the specification asks for`() throws {
        var line = MetricLine(of: origin)
        line.add("QueueDepth", 42, .count)
        line.add("JobDuration", [0.25, 1.5], .seconds)
        line.add("Nothing", [], .seconds)
        #expect(
            line.text(at: Timestamp(milliseconds: 1_790_000_000_123)) == """
                {"Environment":"test","JobDuration":[0.25,1.5],"QueueDepth":42,"Service":"pictures",\
                "_aws":{"CloudWatchMetrics":[{"Dimensions":[["Service","Environment"]],\
                "Metrics":[{"Name":"QueueDepth","Unit":"Count"},{"Name":"JobDuration","Unit":"Seconds"}],\
                "Namespace":"Tintype"}],"Timestamp":1790000000123}}
                """)
        try expectValid(line.text(at: .now))
    }

    @Test func `keeps the limits with as many jobs and as long names as there can be`() throws {
        let name = String(repeating: "\"", count: 255)
        #expect(MetricOrigin.accepts(name))
        var figures = JobFigures()
        for job in 0..<10_000 { figures.record(Double(job) * 100 / 7) }
        var line = MetricLine(of: MetricOrigin(service: name, environment: name))
        line.add("JobDuration", figures.durations, .seconds)
        try expectValid(line.text(at: .now))
    }

    @Test(arguments: ["", " ", "prod\n", "Köln", String(repeating: "a", count: 256)])
    func `has no dimension that CloudWatch refuses`(_ text: String) {
        #expect(!MetricOrigin.accepts(text))
    }
}

@Suite struct `The meter of jobs` {
    private let meter = JobMeter()

    private func finish(_ state: String, count: Int = 1) {
        let metrics = MultiplexMetricsHandler(factories: [meter])
        Counter(label: MeasureLabel.jobsFinished, dimensions: [("state", state)], factory: metrics)
            .increment(by: count)
    }

    private func record(_ seconds: Double) {
        let metrics = MultiplexMetricsHandler(factories: [meter])
        Timer(label: MeasureLabel.jobDuration, dimensions: [("operation", "resize")], factory: metrics)
            .recordNanoseconds(Int64(seconds * 1e9))
    }

    @Test func `counts the jobs that are done, and says each once`() {
        finish("done", count: 3)
        finish("failed")
        record(0.25)
        Timer(label: "something_else_seconds", factory: meter).recordSeconds(7)
        let figures = meter.take()
        #expect(figures.done == 3 && figures.durations == [0.25])
        #expect(meter.take() == JobFigures())
    }

    @Test func `keeps a fair choice of very many durations`() {
        for job in 0..<10_000 { record(Double(job)) }
        let durations = meter.take().durations
        #expect(durations.count == 100 && Set(durations).count == 100)
        // Off by six standard deviations once in a billion times.
        let mean = durations.reduce(0, +) / 100
        #expect(abs(mean - 5000) < 6 * 289)
    }
}

/// Checks a line against Amazon CloudWatch's "Specification: Embedded metric format".
func expectValid(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(text.utf8.count < 16 * 1024 && !text.contains("\n"), sourceLocation: sourceLocation)
    guard case .object(let root) = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)),
        case .object(let meta) = root["_aws"], case .number = meta["Timestamp"],
        case .array(let directives) = meta["CloudWatchMetrics"]
    else { throw Invalid(text: text) }
    #expect(meta.count == 2 && directives.count == 1, sourceLocation: sourceLocation)
    for directive in directives {
        guard case .object(let directive) = directive, case .string(let namespace) = directive["Namespace"],
            case .array(let sets) = directive["Dimensions"], case .array(let metrics) = directive["Metrics"]
        else { throw Invalid(text: text) }
        #expect(directive.count == 3 && (1...1024).contains(namespace.count), sourceLocation: sourceLocation)
        #expect((1...100).contains(metrics.count), sourceLocation: sourceLocation)
        #expect(sets == [["Service", "Environment"]], sourceLocation: sourceLocation)
        for name in ["Service", "Environment"] {
            guard case .string(let value) = root[name] else { throw Invalid(text: text) }
            #expect((1...1024).contains(value.count), sourceLocation: sourceLocation)
        }
        for metric in metrics {
            guard case .object(let metric) = metric, case .string(let name) = metric["Name"],
                case .string(let unit) = metric["Unit"]
            else { throw Invalid(text: text) }
            #expect((1...1024).contains(name.count), sourceLocation: sourceLocation)
            #expect(["Count", "Seconds"].contains(unit), sourceLocation: sourceLocation)
            switch root[name] {
            case .number: break
            case .array(let values):
                #expect((1...100).contains(values.count), sourceLocation: sourceLocation)
                for value in values { guard case .number = value else { throw Invalid(text: text) } }
            default: throw Invalid(text: text)
            }
        }
    }
}

struct Invalid: Error {
    let text: String
}
