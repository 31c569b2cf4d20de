/// What a ready job waits in: workers take pictures by their priority, and deliveries apart from them, so that a receiver
/// that does not answer keeps no picture waiting.
package enum Line: Sendable, Hashable {
    case pictures(Priority)
    case deliveries

    /// `nil` for deliveries.
    package var priority: Priority? {
        switch self {
        case .pictures(let priority): priority
        case .deliveries: nil
        }
    }
}

/// As stores keep it: the place in the order of all lines.
extension Line {
    package var number: Int {
        switch self {
        case .pictures(let priority): Priority.allCases.firstIndex(of: priority) ?? 0
        case .deliveries: Priority.allCases.count
        }
    }

    package init?(number: Int) {
        if Priority.allCases.indices.contains(number) {
            self = .pictures(Priority.allCases[number])
        } else if number == Priority.allCases.count {
            self = .deliveries
        } else {
            return nil
        }
    }
}
