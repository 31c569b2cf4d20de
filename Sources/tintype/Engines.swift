import Jobs
import Logging
import Rendering

/// The two ways in which a process works on pictures: beside its other jobs, or in a child that can take nothing along.
struct Engines: Sendable {
    let shared: Workbench.Engine
    let isolated: Workbench.Engine
    let previewer: Previewer

    init(_ engine: ThreadRenderer, _ configuration: Configuration, _ logger: Logger) {
        let child = ChildProcess(executable: System.executable, environment: configuration.limitVariables)
        // A preview must not take the API along. It has children of its own, and so does not wait behind jobs that were in
        // a crash.
        previewer = Previewer(
            ChildRenderer(ChildProcess(executable: System.executable, environment: configuration.previewVariables)))
        let threads = Workbench.Engine(renderer: engine, describer: engine)
        let children = Workbench.Engine(renderer: ChildRenderer(child), describer: ChildDescriber(child))
        guard let chaos = configuration.chaos else {
            (shared, isolated) = (threads, children)
            return
        }
        logger.warning(
            "CHAOS IS ON: jobs fail and processes die on purpose",
            metadata: [
                "failure_rate": "\(chaos.failureRate)", "crash_rate": "\(chaos.crashRate)",
                "poison": "\(chaos.poison ?? "none")",
            ])
        let inProcess = ChaosEngine(threads, chaos: chaos, mayCrash: true)
        // The child draws its own lot.
        let inChild = ChaosEngine(children, chaos: chaos, mayCrash: false)
        shared = Workbench.Engine(renderer: inProcess, describer: inProcess)
        isolated = Workbench.Engine(renderer: inChild, describer: inChild)
    }
}
