/// What one process tells the others of its deployment. A hint that is lost costs time and nothing else: whoever gets one
/// reads the store, and looks there now and then without.
package struct Hints: Sendable, Hashable {
    /// Which process says so: it need not hear itself.
    package var sender: String
    /// Jobs that have changed.
    package var changed: [JobID]
    /// Whether jobs became ready.
    package var isWork: Bool

    package init(sender: String, changed: [JobID] = [], isWork: Bool = false) {
        self.sender = sender
        self.changed = changed
        self.isWork = isWork
    }

    package var isEmpty: Bool { changed.isEmpty && !isWork }
}

/// Carries hints between processes.
package protocol HintChannel: Sendable {
    /// Tells everyone who listens, this process as well.
    func send(_ hints: Hints) async throws

    /// Hears hints until the task is cancelled; throws when the channel breaks.
    func listen(_ hear: @escaping @Sendable (Hints) -> Void) async throws
}

// MARK: - On the wire

extension Hints {
    /// How many jobs fit into one message: with less than 8000 bytes of text PostgreSQL's NOTIFY takes it.
    package static let maxChanged = 200

    /// `sender work id id …`, or `sender - id id …`.
    package var text: String {
        ([sender, isWork ? "work" : "-"] + changed.map(\.description)).joined(separator: " ")
    }

    /// - Returns: `nil` for what is no hint, or one of a later version.
    package init?(text: some StringProtocol) {
        let words = text.split(separator: " ")
        guard words.count >= 2, ["work", "-"].contains(words[1]) else { return nil }
        let changed = words.dropFirst(2).compactMap { JobID(String($0)) }
        guard changed.count == words.count - 2 else { return nil }
        self.init(sender: String(words[0]), changed: changed, isWork: words[1] == "work")
    }
}
