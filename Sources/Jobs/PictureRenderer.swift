package import Imaging
package import SystemPackage

/// Develops pictures, wherever that happens: on a thread of this process, or in a child.
package protocol PictureRenderer: Sendable {
    /// Applies a plan to a file. Cancelling the task ends the work soon.
    ///
    /// - Parameters:
    ///   - files: those that the plan names, by what it calls them.
    ///   - destination: written anew where the result is not small; what is there when this throws is worthless.
    ///   - onProgress: the part that is done, 0…1; called often, from any thread.
    /// - Throws: ``PictureError``, or `CancellationError`.
    func render(
        _ source: FilePath, by plan: Plan, with files: [String: FilePath], to destination: FilePath, timeout: Duration,
        onProgress: @escaping @Sendable (Double) -> Void
    ) async throws -> RenderedPicture
}

/// Looks at a picture without developing it.
package protocol PictureProbe: Sendable {
    /// - Throws: ``PictureError``.
    func probe(_ bytes: LocalBytes) async throws -> ProbedPicture
}

package struct RenderedPicture: Sendable, Hashable {
    package let format: ImageFormat
    /// In pixels.
    package let size: Size
    /// Held, or in the destination.
    package let bytes: LocalBytes
    package let byteCount: Int
    /// How long it was worked on, waiting for a thread not counted.
    package let duration: Duration
    /// What of it was decoding and encoding.
    package let stages: StageTimes
    package let facts: [Fact]

    package init(
        format: ImageFormat, size: Size, bytes: LocalBytes, byteCount: Int, duration: Duration,
        stages: StageTimes = StageTimes(), facts: [Fact] = []
    ) {
        self.format = format
        self.size = size
        self.bytes = bytes
        self.byteCount = byteCount
        self.duration = duration
        self.stages = stages
        self.facts = facts
    }
}

/// How long the two ends of a rendering took; what is left of it are the operations.
package struct StageTimes: Sendable, Hashable {
    package var decode = Duration.zero
    package var encode = Duration.zero

    package init(decode: Duration = .zero, encode: Duration = .zero) {
        self.decode = decode
        self.encode = encode
    }
}

package struct ProbedPicture: Sendable, Hashable {
    package let format: ImageFormat
    /// Upright, in pixels.
    package let size: Size

    package init(format: ImageFormat, size: Size) {
        self.format = format
        self.size = size
    }
}

/// Why a picture could not be developed.
package enum PictureError: Error, Hashable, Sendable {
    /// No format that we read starts with such bytes.
    case unknownFormat
    /// The bytes are a broken picture, or of a kind that we do not read.
    case undecodable(reason: String)
    case tooManyPixels(reason: String)
    /// The plan cannot apply to this picture, or its result is beyond the limits.
    case impossible(PlanError)
    /// The format cannot hold the result.
    case unencodable(reason: String)
    case timedOut(after: Duration)
    /// The disk is full.
    case outOfSpace
    /// The process or the machine has no memory, or too many files open, for the moment.
    case outOfResources(reason: String)
    /// The process that developed it died, by this signal or exit code.
    case crashed(reason: String)
    /// The system would not do something that usually works; worth another try.
    case failed(reason: String)
}
