package import Jobs
package import Logging
import ServiceLifecycle

/// Keeps ECS from ending this task, to scale in or to deploy, while it holds jobs.
///
/// A job that is ended all the same is another worker's a little later, so whatever the agent says, the work goes on.
package struct ScaleInProtection: Service {
    private let agent: TaskAgent
    private let workload: Workload
    private let logger: Logger

    /// - Parameter agent: what ECS sets `ECS_AGENT_URI` to.
    package init(agent: String, workload: Workload, logger: Logger) {
        self.agent = TaskAgent(agent)
        self.workload = workload
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var plan = ProtectionPlan()
            while !Task.isCancelled {
                switch plan.next(isIdle: workload.isIdle, at: .now) {
                case .tell(let isProtected): await tell(isProtected, as: &plan)
                case .wait(let limit?): await workload.idlenessBell.wait(atMost: limit)
                case .wait(nil): await workload.idlenessBell.wait()
                }
            }
        }
    }

    private func tell(_ isProtected: Bool, as plan: inout ProtectionPlan) async {
        do {
            try await agent.set(isProtected: isProtected, minutes: ProtectionPlan.minutes)
            plan.agreed(to: isProtected, at: .now)
        } catch {
            guard !Task.isCancelled else { return }
            if plan.refused(at: .now) {
                logger.warning("the task goes on without scale-in protection", metadata: [LogKey.error: "\(error)"])
            }
        }
    }
}
