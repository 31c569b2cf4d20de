import Imaging
import Jobs

/// Metrics in one line for CloudWatch: Amazon CloudWatch User Guide, "Specification: Embedded metric format".
///
/// With names as ``MetricOrigin`` allows them and ``valueLimit`` values a metric, it has far less than 16 KB.
struct MetricLine {
    enum Unit: String {
        case count = "Count"
        case seconds = "Seconds"
    }

    /// The most that the specification allows for one metric of a line.
    static let valueLimit = 100

    let origin: MetricOrigin
    private var definitions: [JSONValue] = []
    private var members: [String: JSONValue] = [:]

    init(of origin: MetricOrigin) { self.origin = origin }

    mutating func add(_ name: String, _ value: Double, _ unit: Unit) { add(name, .number(value), unit) }

    /// - Parameter values: at most ``valueLimit``; without any, the metric is left out.
    mutating func add(_ name: String, _ values: [Double], _ unit: Unit) {
        if !values.isEmpty { add(name, .array(values.map { .number($0) }), unit) }
    }

    private mutating func add(_ name: String, _ value: JSONValue, _ unit: Unit) {
        definitions.append(["Name": .string(name), "Unit": .string(unit.rawValue)])
        members[name] = value
    }

    /// Without the line's end.
    func text(at time: Timestamp) -> String {
        var root = members
        root["Service"] = .string(origin.service)
        root["Environment"] = .string(origin.environment)
        root["_aws"] = [
            "Timestamp": .number(Double(time.milliseconds)),
            "CloudWatchMetrics": [
                [
                    "Namespace": "Tintype", "Dimensions": [["Service", "Environment"]],
                    "Metrics": .array(definitions),
                ]
            ],
        ]
        return JSONValue.object(root).text
    }
}

/// Whose metrics they are: the values of their dimensions.
package struct MetricOrigin: Sendable {
    package var service: String
    package var environment: String

    package init(service: String, environment: String) {
        self.service = service
        self.environment = environment
    }

    /// Whether CloudWatch takes a text as a dimension's value (API reference, "Dimension"): printable ASCII, not all of it
    /// blank. It would take more than 255 characters.
    package static func accepts(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count) && text.contains { $0 != " " }
            && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
