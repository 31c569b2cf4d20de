import Codecs
package import Imaging
package import Jobs
package import SystemPackage
import Threads

/// Develops pictures on threads of its own, one for each slot, never on the cooperative pool.
package struct ThreadRenderer: PictureRenderer, PictureProbe {
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
        _ source: FilePath, by plan: Plan, to destination: FilePath, timeout: Duration,
        onProgress: @escaping @Sendable (Double) -> Void
    ) async throws -> RenderedPicture {
        let isCancelled = Flag()
        return try await withTaskCancellationHandler {
            try await threads.run {
                try PictureError.translating {
                    try renderer.render(source, by: plan, to: destination, within: timeout, holdingSmall: true) {
                        if isCancelled.isRaised { throw CancellationError() }
                        onProgress($0)
                    }
                }
            }
        } onCancel: {
            isCancelled.raise()
        }
    }

    package func probe(_ bytes: LocalBytes) async throws -> ProbedPicture {
        switch bytes {
        // A header within a few bytes is read in less time than another thread takes to wake up.
        case .held(let bytes): try probe { EncodedImage(bytes) }
        case .file(let path): try await probeThread.run { try probe { try EncodedImage(path: path.string) } }
        }
    }

    private func probe(_ image: () throws -> EncodedImage) throws -> ProbedPicture {
        try PictureError.translating {
            let header = try renderer.probe(image())
            return ProbedPicture(format: header.format, size: header.size)
        }
    }
}

extension Renderer {
    /// Develops one file into another, which is made or overwritten.
    ///
    /// - Parameters:
    ///   - timeout: how long it may be worked on; the time in which it waits for memory is not its fault.
    ///   - holdsSmall: whether a small result is handed back in memory, and no file made of it.
    ///   - checkpoint: called with the part that is done, 0…1, and while it waits; what it throws ends the work.
    /// - Throws: ``PictureError/timedOut(after:)``, and as ``render(_:by:into:checkpoint:)``.
    package func render(
        _ source: FilePath, by plan: Plan, to destination: FilePath, within timeout: Duration? = nil,
        holdingSmall holdsSmall: Bool = false, checkpoint: (Double) throws -> Void
    ) throws -> RenderedPicture {
        let clock = ContinuousClock()
        var start = clock.now
        let sink = FileByteSink(path: destination.string)
        let output = try render(EncodedImage(path: source.string), by: plan, into: sink) { progress in
            try checkpoint(progress ?? 0)
            let now = clock.now
            if progress == nil { start = now }
            if let timeout, start.duration(to: now) > timeout { throw PictureError.timedOut(after: timeout) }
        }
        let held = holdsSmall ? sink.held : nil
        if held == nil { try sink.close() }
        return RenderedPicture(
            format: output.format, size: output.size, bytes: held.map(LocalBytes.held) ?? .file(destination),
            byteCount: sink.byteCount,
            duration: start.duration(to: clock.now))
    }
}
