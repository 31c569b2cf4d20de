import Imaging
import Jobs
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads plans from the text that a store keeps. Jobs come in crowds that share a plan, and parsing takes as long as the
/// rest of a claim, so the last few plans stay at hand.
final class PlanTexts: Sendable {
    static let shared = PlanTexts()

    private let known = Mutex<[String: Plan]>([:])
    private static let capacity = 256

    func plan(_ text: String) throws -> Plan {
        if let plan = known.withLock({ $0[text] }) { return plan }
        let plan = try Plan(json: try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)))
        known.withLock { known in
            if known.count >= Self.capacity { known.removeAll(keepingCapacity: true) }
            known[text] = plan
        }
        return plan
    }
}
