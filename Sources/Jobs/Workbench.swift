package import Imaging
import SystemPackage

/// Does a claimed job's work: gets the source, develops or describes it, and puts what came of it into the storage, where
/// nothing refers to it yet.
package struct Workbench: Sendable {
    private let store: any JobStore
    private let storage: any ObjectStorage
    private let scratch: any ScratchSpace
    private let tools: Tools
    private let limits: Limits

    /// - Parameter store: knows the files that plans name.
    package init(
        store: any JobStore, storage: any ObjectStorage, scratch: any ScratchSpace, tools: Tools, limits: Limits
    ) {
        self.store = store
        self.storage = storage
        self.scratch = scratch
        self.tools = tools
        self.limits = limits
    }

    /// What works on the pixels.
    package struct Engine: Sendable {
        package var renderer: any PictureRenderer
        package var describer: any PictureDescriber

        package init(renderer: any PictureRenderer, describer: any PictureDescriber) {
            self.renderer = renderer
            self.describer = describer
        }
    }

    package struct Tools: Sendable {
        /// Works in this process.
        package var shared: Engine
        /// Works in a process of its own: for jobs that have been in a process that died.
        package var isolated: Engine
        package var probe: any PictureProbe
        /// Has words for pictures; without it, they are described by what can be measured.
        package var vision: (any VisionService)?
        package var fetcher: any SourceFetcher

        package init(
            shared: Engine, isolated: Engine, probe: any PictureProbe, vision: (any VisionService)? = nil,
            fetcher: any SourceFetcher
        ) {
            self.shared = shared
            self.isolated = isolated
            self.probe = probe
            self.vision = vision
            self.fetcher = fetcher
        }

        /// A job that was in a process that died may be why it died: it runs where it can take nobody along.
        func engine(for job: Job) -> Engine { job.crashes > 0 ? isolated : shared }
    }

    package struct Limits: Sendable {
        /// How long one picture may be worked on.
        package var timeout: Duration
        /// Of a source that is fetched, in bytes.
        package var maxFileSize: Int
        /// Of a source that is fetched.
        package var allowedFormats: Set<ImageFormat>

        package init(timeout: Duration, maxFileSize: Int, allowedFormats: Set<ImageFormat>) {
            self.timeout = timeout
            self.maxFileSize = maxFileSize
            self.allowedFormats = allowedFormats
        }
    }
}

/// What came of a job's work.
struct Product: Sendable {
    let result: JobResult
    /// How long it was worked on, without the waiting for others.
    let duration: Duration
    var timings: Timings?
}

extension Workbench {
    /// - Parameters:
    ///   - onProgress: the part that is done, 0…1; called often, from any thread.
    ///   - onWaiting: called with true before somebody else's server is waited for, and with false afterwards.
    /// - Throws: ``JobError``, ``ObjectStorageError``, ``JobStoreError``, or `CancellationError`.
    func work(
        on job: Job, onProgress: @escaping @Sendable (Double) -> Void, onWaiting: @escaping (Bool) -> Void
    ) async throws -> Product {
        let begin = ContinuousClock.now
        return try await withSource(of: job, onWaiting) { source in
            switch job.task {
            case .develop(let plan):
                // What was there when the job was submitted may have been deleted since, or its time may be over.
                try await storage.withLocalFiles(store.files(of: plan)) { files in
                    try await develop(
                        source, with: files, fetchedIn: begin.duration(to: .now), by: plan, for: job, onProgress)
                }
            case .describe: try await describe(source, for: job, onWaiting)
            case .deliver: throw PictureError.failed(reason: "a delivery is no work on a picture")
            }
        }
    }

    /// Deletes a product that nobody will know of.
    func discard(_ product: Product) async { try? await storage.delete(product.result.blob) }

    private func withSource(
        of job: Job, _ onWaiting: (Bool) -> Void, _ body: (FilePath) async throws -> Product
    ) async throws -> Product {
        switch job.source {
        case .file(_, let blob): return try await storage.withLocalFile(blob, body)
        case .url(let text):
            let file = try await scratch.create(suffix: "")
            do {
                try await Self.waiting(onWaiting) { try await fetch(text, to: file.path) }
                let product = try await body(file.path)
                await file.remove()
                return product
            } catch {
                await file.remove()
                throw error
            }
        }
    }

    private static func waiting<R>(_ onWaiting: (Bool) -> Void, _ body: () async throws -> R) async rethrows -> R {
        onWaiting(true)
        defer { onWaiting(false) }
        return try await body()
    }

    /// Fetches what a URL names, under the limits of uploads.
    private func fetch(_ text: String, to path: FilePath) async throws {
        let url: SourceURL
        do { url = try SourceURL(text) } catch { throw FetchError.unusable(reason: "\(error)") }
        let byteCount = try await tools.fetcher.fetch(url, to: path, limit: limits.maxFileSize)
        Measures.received(byteCount: byteCount)
        let format = try await tools.probe.probe(.file(path)).format
        guard limits.allowedFormats.contains(format) else { throw FormatNotAllowed(format: format) }
    }

    private func develop(
        _ source: FilePath, with files: [String: FilePath], fetchedIn fetch: Duration, by plan: Plan, for job: Job,
        _ onProgress: @escaping @Sendable (Double) -> Void
    ) async throws -> Product {
        let renderer = tools.engine(for: job).renderer
        return try await scratch.withFile { file in
            let picture = try await renderer.render(
                source, by: plan, with: files, to: file.path, timeout: limits.timeout, onProgress: onProgress)
            let key = BlobKey.result(job.id, fence: job.fence, fileExtension: picture.format.fileExtension)
            let put = try await ContinuousClock().measure { try await storage.put(picture.bytes, as: key) }
            let result = JobResult(
                blob: key, content: .picture(picture.format, picture.size), byteCount: picture.byteCount,
                facts: picture.facts)
            let stages = picture.stages
            let timings = Timings(
                fetch: fetch, decode: stages.decode,
                operations: max(.zero, picture.duration - stages.decode - stages.encode), encode: stages.encode,
                put: put)
            return Product(result: result, duration: picture.duration, timings: timings)
        }
    }

    private func describe(_ source: FilePath, for job: Job, _ onWaiting: (Bool) -> Void) async throws -> Product {
        let begin = ContinuousClock.now
        let eye = tools.engine(for: job).describer
        let measures = try await eye.measure(.file(source), timeout: limits.timeout)
        var description = Description(of: measures)
        var duration = begin.duration(to: .now)
        if let vision = tools.vision {
            let preview = try await eye.preview(.file(source), timeout: limits.timeout)
            duration = begin.duration(to: .now)
            let words = try await Self.waiting(onWaiting) { try await vision.describe(jpeg: preview) }
            description = Description(words, of: measures)
        }
        let text = try description.json
        let key = BlobKey.result(job.id, fence: job.fence, fileExtension: JobResult.Content.description.fileExtension)
        try await storage.put(text, as: key)
        let result = JobResult(blob: key, content: .description, byteCount: text.count)
        return Product(result: result, duration: duration)
    }
}

/// What a URL named is a picture, but of a format that this service does not take in.
struct FormatNotAllowed: JobError {
    let format: ImageFormat

    var failure: JobFailure {
        JobFailure(
            code: "unsupported_media_type", message: "the URL names a \(format.rawValue) picture, which is not allowed",
            isRetryable: false)
    }
}
