package import Imaging
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Plans as the text that stores keep. Jobs come in crowds that share a plan, and parsing takes as long as the rest of a
/// claim, so the last few plans stay at hand.
package final class PlanTexts: Sendable {
    package static let shared = PlanTexts()

    private let known = Mutex<[String: Plan]>([:])
    private static let capacity = 256

    package func plan(_ text: String) throws -> Plan {
        if let plan = known.withLock({ $0[text] }) { return plan }
        let plan = try Plan(json: try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)))
        known.withLock { known in
            if known.count >= Self.capacity { known.removeAll(keepingCapacity: true) }
            known[text] = plan
        }
        return plan
    }
}
