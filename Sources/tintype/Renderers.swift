import Jobs
import Logging
import Rendering

/// The two ways in which a worker develops: beside its other jobs, or in a child that can take nothing along.
struct Renderers: Sendable {
    let shared: any PictureRenderer
    let isolated: any PictureRenderer

    init(_ engine: ThreadRenderer, _ configuration: Configuration, _ logger: Logger) {
        let child = ChildRenderer(executable: System.executable, environment: configuration.limitVariables)
        guard let chaos = configuration.chaos else {
            (shared, isolated) = (engine, child)
            return
        }
        logger.warning(
            "CHAOS IS ON: jobs fail and processes die on purpose",
            metadata: [
                "failure_rate": "\(chaos.failureRate)", "crash_rate": "\(chaos.crashRate)",
                "poison": "\(chaos.poison ?? "none")",
            ])
        shared = ChaosRenderer(engine, chaos: chaos, mayCrash: true)
        // The child draws its own lot.
        isolated = ChaosRenderer(child, chaos: chaos, mayCrash: false)
    }
}
