import Codecs
package import Imaging
package import Jobs
import Synchronization
package import SystemPackage
import Threads

/// Makes previews as a renderer makes results, one after another.
package final class Previewer: PicturePreviewer {
    private let renderer: any PictureRenderer
    private let reader = BlockingThreads(count: 1, limit: .max)
    private let turns = Turns()
    private let waiting = Atomic(0)
    /// A page asks for a preview of each of its pictures; whoever stands behind so many would rather ask again.
    private static let limit = 64

    /// - Parameter renderer: decides what a picture that kills its decoder takes along.
    package init(_ renderer: any PictureRenderer) { self.renderer = renderer }

    package func inTurn<R>(_ body: () async throws -> R) async throws -> R {
        defer { waiting.subtract(1, ordering: .relaxed) }
        guard waiting.add(1, ordering: .relaxed).newValue <= Self.limit else { throw TooManyPreviews() }
        return try await turns.take(body)
    }

    package func preview(
        _ source: FilePath, by plan: Plan, with files: [String: FilePath], through file: FilePath, timeout: Duration
    ) async throws -> Preview {
        let picture = try await renderer.render(source, by: plan, with: files, to: file, timeout: timeout) { _ in }
        switch picture.bytes {
        case .held(let bytes):
            return Preview(format: picture.format, bytes: bytes)
        case .file(let path):
            let bytes = try await reader.run {
                try PictureError.translating { try EncodedImage(path: path.string).withBytes { bytes in bytes.array } }
            }
            return Preview(format: picture.format, bytes: bytes)
        }
    }
}
