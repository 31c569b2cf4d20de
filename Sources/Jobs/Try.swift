/// One try of a job, as it is told to people afterwards.
///
/// A try that ended with no word (its process died, lost its lease or handed the job back) leaves none; ``fence`` counts
/// the claims, so that a gap shows where there was one.
package struct Try: Sendable, Hashable {
    package enum Outcome: String, Sendable, Hashable {
        case done
        /// It failed, and another was to follow.
        case retried
        case failed
        /// The process that worked on it alone died.
        case crashed
    }

    package var fence: Int
    package var worker: WorkerID
    package var host: String
    package var startedAt: Timestamp
    package var duration: Duration
    package var outcome: Outcome
    package var failure: JobFailure?
    /// Of a picture that was developed.
    package var timings: Timings?

    package init(
        fence: Int, worker: WorkerID, host: String, startedAt: Timestamp, duration: Duration, outcome: Outcome,
        failure: JobFailure? = nil, timings: Timings? = nil
    ) {
        self.fence = fence
        self.worker = worker
        self.host = host
        self.startedAt = startedAt
        self.duration = duration
        self.outcome = outcome
        self.failure = failure
        self.timings = timings
    }
}

/// How long each part of the work on a picture took.
package struct Timings: Sendable, Hashable {
    /// Getting the source, from the storage or its URL.
    package var fetch = Duration.zero
    package var decode = Duration.zero
    package var operations = Duration.zero
    package var encode = Duration.zero
    /// Putting the result into the storage.
    package var put = Duration.zero

    package init(
        fetch: Duration = .zero, decode: Duration = .zero, operations: Duration = .zero, encode: Duration = .zero,
        put: Duration = .zero
    ) {
        self.fetch = fetch
        self.decode = decode
        self.operations = operations
        self.encode = encode
        self.put = put
    }
}

/// The tries of a job, the oldest first: as text, which is read when somebody wants to know.
package struct Tries: Sendable, Hashable {
    /// As stores keep it: a line for each. Every job has one, so it is short and quickly made.
    package let text: String

    package init(text: String = "") { self.text = text }

    /// Of a job that is tried more often, the last are kept.
    package static let capacity = 20

    package func adding(_ newest: Try) -> Tries {
        let lines = text.split(separator: "\n").suffix(Self.capacity - 1) + [newest.line[...]]
        return Tries(text: lines.joined(separator: "\n"))
    }

    /// What a later version wrote otherwise is left out.
    package var list: [Try] { text.split(separator: "\n").compactMap(Try.init) }
}

// MARK: - As text

extension Try {
    /// Fields with tabs between them, times in milliseconds and durations in microseconds.
    fileprivate var line: String {
        let parts = timings.map { timings in
            [timings.fetch, timings.decode, timings.operations, timings.encode, timings.put]
                .map { "\($0.microseconds)" }.joined(separator: " ")
        }
        let words = [
            "\(fence)", "\(worker)", host, "\(startedAt.milliseconds)", "\(duration.microseconds)", outcome.rawValue,
            parts ?? "", failure.map { $0.isRetryable ? "1" : "0" } ?? "", failure?.code ?? "", failure?.message ?? "",
        ]
        return words.map { word in String(word.map { $0.isNewline || $0 == "\t" ? " " : $0 }) }
            .joined(separator: "\t")
    }

    fileprivate init?(_ line: Substring) {
        let words = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard words.count == 10, let fence = Int(words[0]), let worker = WorkerID(words[1]),
            let startedAt = Int64(words[3]), let took = Int64(words[4]),
            let outcome = Outcome(rawValue: String(words[5]))
        else { return nil }
        self.init(
            fence: fence, worker: worker, host: String(words[2]), startedAt: Timestamp(milliseconds: startedAt),
            duration: .microseconds(took), outcome: outcome)
        if !words[8].isEmpty {
            failure = JobFailure(code: String(words[8]), message: String(words[9]), isRetryable: words[7] == "1")
        }
        let parts = words[6].split(separator: " ").compactMap { Int64($0) }.map(Duration.microseconds)
        if parts.count == 5 {
            timings = Timings(fetch: parts[0], decode: parts[1], operations: parts[2], encode: parts[3], put: parts[4])
        }
    }
}

extension Duration {
    /// Whole microseconds, rounded towards zero.
    fileprivate var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
