import Codecs
package import Imaging
package import Jobs
package import SystemPackage
import Threads

/// Develops pictures on threads of its own, one for each slot, never on the cooperative pool.
package struct ThreadRenderer: PictureRenderer, PictureProbe, PictureDescriber {
    private let renderer: Renderer
    private let threads: BlockingThreads
    /// Looking at a header takes no time, but must not wait behind pictures that take minutes.
    private let probeThread: BlockingThreads

    package init(_ renderer: Renderer, slots: Int) {
        self.renderer = renderer
        // Those who call are bounded: a processor claims no more than its slots take, and a server reads no more
        // uploads than it has connections.
        threads = BlockingThreads(count: slots, limit: .max)
        probeThread = BlockingThreads(count: 1, limit: .max)
    }

    package func render(
        _ source: FilePath, by plan: Plan, with files: [String: FilePath], to destination: FilePath, timeout: Duration,
        onProgress: @escaping @Sendable (Double) -> Void
    ) async throws -> RenderedPicture {
        try await work { checkCancellation in
            try renderer.render(
                source, by: plan, with: files, to: destination, within: timeout, holdingSmall: true
            ) {
                try checkCancellation()
                onProgress($0)
            }
        }
    }

    package func measure(_ source: LocalBytes, timeout: Duration) async throws -> PictureMeasures {
        try await look(at: source, within: timeout) { try renderer.measure($0, checkpoint: $1) }
    }

    package func preview(_ source: LocalBytes, timeout: Duration) async throws -> [UInt8] {
        try await look(at: source, within: timeout) { try renderer.preview($0, checkpoint: $1) }
    }

    private func look<R: Sendable>(
        at source: LocalBytes, within timeout: Duration,
        _ body: @escaping @Sendable (EncodedImage, _ checkpoint: (Double?) throws -> Void) throws -> R
    ) async throws -> R {
        try await work { checkCancellation in
            var limit = TimeLimit(timeout)
            return try body(EncodedImage(source)) { progress in
                try checkCancellation()
                try limit.check(progress)
            }
        }
    }

    /// Runs `body` on one of the threads.
    ///
    /// - Parameter body: calls what it is given from time to time, which throws once the task is cancelled.
    private func work<R: Sendable>(
        _ body: @escaping @Sendable (_ checkCancellation: () throws -> Void) throws -> R
    ) async throws -> R {
        let isCancelled = Flag()
        return try await withTaskCancellationHandler {
            try await threads.run {
                try PictureError.translating {
                    try body { if isCancelled.isRaised { throw CancellationError() } }
                }
            }
        } onCancel: {
            isCancelled.raise()
        }
    }

    package func probe(_ bytes: LocalBytes) async throws -> ProbedPicture {
        switch bytes {
        // A header within a few bytes is read in less time than another thread takes to wake up.
        case .held: try look(at: bytes)
        case .file: try await probeThread.run { try look(at: bytes) }
        }
    }

    private func look(at bytes: LocalBytes) throws -> ProbedPicture {
        try PictureError.translating {
            let header = try renderer.probe(EncodedImage(bytes))
            return ProbedPicture(format: header.format, size: header.size)
        }
    }
}

extension Renderer {
    /// Develops one file into another, which is made or overwritten.
    ///
    /// - Parameters:
    ///   - files: those that the plan names, by what it calls them.
    ///   - timeout: how long it may be worked on; the time in which it waits for memory is not its fault.
    ///   - holdsSmall: whether a small result is handed back in memory, and no file made of it.
    ///   - checkpoint: called with the part that is done, 0…1, and while it waits; what it throws ends the work.
    /// - Throws: ``PictureError/timedOut(after:)``, and as ``render(_:by:with:into:checkpoint:)``.
    package func render(
        _ source: FilePath, by plan: Plan, with files: [String: FilePath] = [:], to destination: FilePath,
        within timeout: Duration? = nil, holdingSmall holdsSmall: Bool = false, checkpoint: (Double) throws -> Void
    ) throws -> RenderedPicture {
        var limit = TimeLimit(timeout)
        let sink = FileByteSink(path: destination.string)
        let output = try render(
            EncodedImage(path: source.string), by: plan, with: files.mapValues { try EncodedImage(path: $0.string) },
            into: sink
        ) { progress in
            try checkpoint(progress ?? 0)
            try limit.check(progress)
        }
        let held = holdsSmall ? sink.held : nil
        if held == nil { try sink.close() }
        return RenderedPicture(
            format: output.format, size: output.size, bytes: held.map(LocalBytes.held) ?? .file(destination),
            byteCount: sink.byteCount, duration: limit.elapsed, stages: output.stages, facts: output.facts)
    }
}

/// How long one picture may be worked on.
private struct TimeLimit {
    private let timeout: Duration?
    private let clock = ContinuousClock()
    private var start: ContinuousClock.Instant

    init(_ timeout: Duration?) {
        self.timeout = timeout
        start = clock.now
    }

    var elapsed: Duration { start.duration(to: clock.now) }

    /// - Parameter progress: as a checkpoint has it: `nil` while others have the memory, which starts the time anew.
    mutating func check(_ progress: Double?) throws {
        if progress == nil { start = clock.now }
        if let timeout, elapsed > timeout { throw PictureError.timedOut(after: timeout) }
    }
}

extension EncodedImage {
    fileprivate convenience init(_ bytes: LocalBytes) throws {
        switch bytes {
        case .held(let bytes): self.init(bytes)
        case .file(let path): try self.init(path: path.string)
        }
    }
}
