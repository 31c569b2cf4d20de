import Codecs
package import Imaging
package import Jobs
import NIOPosix
import Synchronization
package import SystemPackage

/// Develops pictures on threads of its own, one for each slot, never on the cooperative pool.
package struct ThreadRenderer: PictureRenderer, PictureProbe {
    private let renderer: Renderer
    private let threads: NIOThreadPool
    /// Looking at a header takes no time, but must not wait behind pictures that take minutes.
    private let probeThread: NIOThreadPool

    package init(_ renderer: Renderer, slots: Int) {
        self.renderer = renderer
        threads = NIOThreadPool(numberOfThreads: slots)
        threads.start()
        probeThread = NIOThreadPool(numberOfThreads: 1)
        probeThread.start()
    }

    /// Ends the threads once what runs on them has ended.
    package func shutdown() async throws {
        try await threads.shutdownGracefully()
        try await probeThread.shutdownGracefully()
    }

    package func render(
        _ source: FilePath, by plan: Plan, to destination: FilePath, timeout: Duration,
        onProgress: @escaping @Sendable (Double) -> Void
    ) async throws -> RenderedPicture {
        let isCancelled = Flag()
        return try await withTaskCancellationHandler {
            try await threads.runIfActive {
                let clock = ContinuousClock()
                let start = clock.now
                return try PictureError.translating {
                    try renderer.render(source, by: plan, to: destination) { progress in
                        if isCancelled.isSet { throw CancellationError() }
                        if start.duration(to: clock.now) > timeout { throw PictureError.timedOut(after: timeout) }
                        onProgress(progress)
                    }
                }
            }
        } onCancel: {
            isCancelled.set()
        }
    }

    package func probe(_ file: FilePath) async throws -> ProbedPicture {
        try await probeThread.runIfActive {
            try PictureError.translating {
                let header = try renderer.probe(EncodedImage(path: file.string))
                return ProbedPicture(format: header.format, size: header.size)
            }
        }
    }
}

extension Renderer {
    /// Develops one file into another, which is made or overwritten.
    package func render(
        _ source: FilePath, by plan: Plan, to destination: FilePath, checkpoint: (Double) throws -> Void
    ) throws -> RenderedPicture {
        let clock = ContinuousClock()
        let start = clock.now
        let sink = try FileByteSink(path: destination.string)
        let output = try render(EncodedImage(path: source.string), by: plan, into: sink, checkpoint: checkpoint)
        try sink.close()
        return RenderedPicture(
            format: output.format, size: output.size, byteCount: sink.byteCount,
            duration: start.duration(to: clock.now))
    }
}

private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}
