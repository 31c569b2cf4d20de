package import Imaging
package import SystemPackage

/// Makes small pictures while somebody waits for them.
package protocol PicturePreviewer: Sendable {
    /// Calls `body` when it is this preview's turn.
    ///
    /// - Throws: ``TooManyPreviews``, `CancellationError`, or what `body` throws.
    func inTurn<R>(_ body: () async throws -> R) async throws -> R

    /// Applies a plan to a file.
    ///
    /// - Parameters:
    ///   - files: those that the plan names, by what it calls them.
    ///   - file: where the result may be written; it is nobody's when this returns.
    /// - Throws: ``PictureError``, or `CancellationError`.
    func preview(
        _ source: FilePath, by plan: Plan, with files: [String: FilePath], through file: FilePath, timeout: Duration
    ) async throws -> Preview
}

/// A small picture.
package struct Preview: Sendable {
    package let format: ImageFormat
    package let bytes: [UInt8]

    package init(format: ImageFormat, bytes: [UInt8]) {
        self.format = format
        self.bytes = bytes
    }
}

/// As many previews as may are being waited for.
package struct TooManyPreviews: Error, Hashable {
    package init() {}
}

/// A preview to be made.
package struct PreviewOrder: Sendable {
    fileprivate let blob: BlobKey
    fileprivate let plan: Plan
    fileprivate let planFiles: PlanFiles
    /// Orders with the same key make the same bytes.
    package let key: CacheKey
}

extension Intake {
    /// The longer side of a preview, in pixels.
    package static let previewSides = 16...1024

    /// A preview that takes longer is of no use to whoever waits.
    private static let previewTimeout = Duration.seconds(20)

    /// Decides on the preview that shows what a plan makes of an upload.
    ///
    /// - Parameters:
    ///   - plan: `nil` shows the upload as it is.
    ///   - side: the longer side at most, in pixels; of ``previewSides``.
    /// - Throws: ``IntakeError/plan(_:)``, ``PlanFileError``, ``JobStoreError``.
    package func previewOrder(for id: FileID, by plan: Plan?, side: Int) async throws -> PreviewOrder {
        let file = try await store.file(id)
        if let plan { try check(plan, for: file) }
        let small = try plan?.preview(of: file.format, side: side) ?? .thumbnail(side: side)
        let files = try await store.files(of: small)
        return PreviewOrder(
            blob: file.blob, plan: small, planFiles: files,
            key: CacheKey(source: file.sha256, plan: small, files: files))
    }

    /// Makes a preview at once. There is no job, and nothing is kept.
    ///
    /// - Throws: ``PictureError``, ``TooManyPreviews``, ``PlanFileError``, ``ObjectStorageError``.
    package func preview(_ order: PreviewOrder) async throws -> Preview {
        try await previewer.inTurn {
            try await storage.withLocalFile(order.blob) { source in
                try await storage.withLocalFiles(order.planFiles) { files in
                    let room = try await scratch.create(suffix: "")
                    do {
                        let preview = try await previewer.preview(
                            source, by: order.plan, with: files, through: room.path, timeout: Self.previewTimeout)
                        await room.remove()
                        return preview
                    } catch {
                        await room.remove()
                        throw error
                    }
                }
            }
        }
    }
}
