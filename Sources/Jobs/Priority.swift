/// How soon a job is worked on, compared with others that wait. A share of the work, not a rank: `low` never starves.
package enum Priority: String, Sendable, Hashable, CaseIterable {
    case high, normal, low

    /// Shares of the claims while jobs of all classes wait.
    package var weight: Int {
        switch self {
        case .high: 8
        case .normal: 3
        case .low: 1
        }
    }

    /// Draws the class whose jobs are claimed next where there are any, each as often as its weight says.
    package static func drawn(using generator: inout some RandomNumberGenerator) -> Priority {
        var rest = Int.random(in: 0..<allCases.reduce(0) { $0 + $1.weight }, using: &generator)
        for priority in allCases {
            rest -= priority.weight
            if rest < 0 { return priority }
        }
        return .normal
    }

    package static func drawn() -> Priority {
        var generator = SystemRandomNumberGenerator()
        return drawn(using: &generator)
    }

    /// All classes: this one first, then the others from high to low.
    package var andOthers: [Priority] { [self] + Self.allCases.filter { $0 != self } }
}
