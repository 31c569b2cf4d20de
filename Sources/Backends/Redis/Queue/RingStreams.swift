import Jobs

/// The streams of rings, one for each class, and how rings are written in them: entries with one field, `job`.
struct RingStreams {
    static let classes = Priority.allCases
    /// All workers are one group, so that each ring goes to one of them.
    static let group = "workers"

    /// From high to low.
    let keys: [String]

    /// - Parameter prefix: bears a hash tag, so that a cluster keeps the streams on one node.
    init(prefix: String) { keys = Self.classes.map { "\(prefix):rings:\($0.rawValue)" } }

    func key(of priority: Priority) -> String { keys[Self.classes.firstIndex(of: priority) ?? 0] }

    /// Reads what ``RingScripts/take`` and ``RingScripts/inherit`` return.
    func rings(listed values: [RedisValue]) -> [Ring] {
        stride(from: 0, to: values.count - 2, by: 3).compactMap { start in
            guard let place = values[start].int, let id = values[start + 1].string else { return nil }
            return ring(in: place, id: id, job: values[start + 2].string)
        }
    }

    /// Reads what XREADGROUP returns: `[[stream, [[id, [field, value, …]], …]], …]`.
    func rings(read reply: RedisValue) -> [Ring] {
        (reply.array ?? []).flatMap { stream -> [Ring] in
            guard let parts = stream.array, parts.count == 2, let key = parts[0].string,
                let place = keys.firstIndex(of: key)
            else { return [] }
            return (parts[1].array ?? []).compactMap { entry in
                guard let parts = entry.array, parts.count == 2, let id = parts[0].string else { return nil }
                return ring(in: place + 1, id: id, job: parts[1].array?.last?.string)
            }
        }
    }

    private func ring(in place: Int, id: String, job: String?) -> Ring {
        Ring(job: job.flatMap { JobID($0) }, receipt: "\(place) \(id)")
    }

    /// Place and id of each ring, for ``RingScripts/acknowledge``; receipts that are not ours are left out.
    func entries(of rings: [Ring]) -> [RedisArgument] {
        rings.flatMap { ring -> [RedisArgument] in
            let words = ring.receipt.split(separator: " ")
            guard words.count == 2, let place = Int(words[0]), (1...keys.count).contains(place),
                Self.isEntryID(words[1])
            else { return [] }
            return [.integer(place), .text(String(words[1]))]
        }
    }

    /// `1700000000000-0`
    private static func isEntryID(_ text: Substring) -> Bool {
        let numbers = text.split(separator: "-", omittingEmptySubsequences: false)
        return numbers.count == 2 && numbers.allSatisfy { UInt64($0) != nil }
    }
}
