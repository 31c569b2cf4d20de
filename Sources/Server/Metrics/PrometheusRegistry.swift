package import CoreMetrics
import Synchronization

/// Keeps what the process counts and measures, and writes it as Prometheus reads it.
///
/// It is a back end of swift-metrics: `MetricsSystem.bootstrap(registry)` brings it everything that the other targets
/// measure. Tests make their own.
package final class PrometheusRegistry: MetricsFactory {
    private let families = Mutex<[String: Family]>([:])

    package init() {}

    // MARK: Own instruments

    func counter(_ name: String, _ labels: [(String, String)] = [], help: String? = nil) -> PrometheusCounter {
        instrument(name, labels, .counter, help) { PrometheusCounter() }
    }

    func gauge(_ name: String, _ labels: [(String, String)] = [], help: String? = nil) -> PrometheusGauge {
        instrument(name, labels, .gauge, help) { PrometheusGauge() }
    }

    func histogram(_ name: String, _ labels: [(String, String)] = [], help: String? = nil) -> PrometheusHistogram {
        instrument(name, labels, .histogram, help) { PrometheusHistogram() }
    }

    private func instrument<Instrument: PrometheusInstrument>(
        _ name: String, _ labels: [(String, String)], _ kind: MetricKind, _ help: String?, make: () -> Instrument
    ) -> Instrument {
        let name = Exposition.name(name)
        let key = Exposition.labels(labels)
        return families.withLock { families in
            var family = families[name] ?? Family(kind: kind)
            if let help { family.help = help }
            defer { families[name] = family }
            if let known = family.instruments[key] as? Instrument { return known }
            let fresh = make()
            // A name that two places use for two kinds of thing keeps its first; the other counts, and is not shown.
            if family.kind == kind { family.instruments[key] = fresh }
            return fresh
        }
    }

    // MARK: Exposition

    /// The text exposition format, version 0.0.4, of all there is, ordered by name.
    package func text() -> String {
        let families = families.withLock { $0 }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text += "# HELP \(name) \(Exposition.help(family.help ?? name))\n# TYPE \(name) \(family.kind.rawValue)\n"
            for (labels, instrument) in family.instruments.sorted(by: { $0.key < $1.key }) {
                instrument.write(name: name, labels: labels, to: &text)
            }
        }
        return text
    }

    // MARK: MetricsFactory

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { histogram(label, dimensions) } else { gauge(label, dimensions) }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions)
    }

    // What was counted stays counted, however often the code that counts asks for its counter anew.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}

enum MetricKind: String, Sendable {
    case counter, gauge, histogram
}

/// The instruments of one name.
private struct Family {
    let kind: MetricKind
    var help: String?
    /// By their labels, as they are written.
    var instruments: [String: any PrometheusInstrument] = [:]

    init(kind: MetricKind) { self.kind = kind }
}
