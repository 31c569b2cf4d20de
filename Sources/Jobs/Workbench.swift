package import Imaging
import SystemPackage

/// Does a claimed job's work: gets the source, develops or describes it, and puts what came of it into the storage, where
/// nothing refers to it yet.
package struct Workbench: Sendable {
    private let storage: any ObjectStorage
    private let scratch: any ScratchSpace
    private let tools: Tools
    private let limits: Limits

    package init(storage: any ObjectStorage, scratch: any ScratchSpace, tools: Tools, limits: Limits) {
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
    /// How long it was worked on: for a picture without the waiting, for a description with it.
    let duration: Duration
}

extension Workbench {
    /// - Parameter onProgress: the part that is done, 0…1; called often, from any thread.
    /// - Throws: ``JobError``, ``ObjectStorageError``, or `CancellationError`.
    func work(on job: Job, onProgress: @escaping @Sendable (Double) -> Void) async throws -> Product {
        try await withSource(of: job) { source in
            switch job.task {
            case .develop(let plan): try await develop(source, by: plan, for: job, onProgress)
            case .describe: try await describe(source, for: job)
            case .deliver: throw PictureError.failed(reason: "a delivery is no work on a picture")
            }
        }
    }

    /// Deletes a product that nobody will know of.
    func discard(_ product: Product) async { try? await storage.delete(product.result.blob) }

    private func withSource(of job: Job, _ body: (FilePath) async throws -> Product) async throws -> Product {
        switch job.source {
        case .file(_, let blob): return try await storage.withLocalFile(blob, body)
        case .url(let text):
            let file = try await scratch.create(suffix: "")
            do {
                try await fetch(text, to: file.path)
                let product = try await body(file.path)
                await file.remove()
                return product
            } catch {
                await file.remove()
                throw error
            }
        }
    }

    /// Fetches what a URL names, under the limits of uploads.
    private func fetch(_ text: String, to path: FilePath) async throws {
        let url: SourceURL
        do { url = try SourceURL(text) } catch { throw FetchError.unusable(reason: "\(error)") }
        _ = try await tools.fetcher.fetch(url, to: path, limit: limits.maxFileSize)
        let format = try await tools.probe.probe(.file(path)).format
        guard limits.allowedFormats.contains(format) else { throw FormatNotAllowed(format: format) }
    }

    private func develop(
        _ source: FilePath, by plan: Plan, for job: Job, _ onProgress: @escaping @Sendable (Double) -> Void
    ) async throws -> Product {
        let renderer = tools.engine(for: job).renderer
        return try await scratch.withFile { file in
            let picture = try await renderer.render(
                source, by: plan, to: file.path, timeout: limits.timeout, onProgress: onProgress)
            let key = BlobKey.result(job.id, fence: job.fence, fileExtension: picture.format.fileExtension)
            try await storage.put(picture.bytes, as: key)
            let result = JobResult(
                blob: key, content: .picture(picture.format, picture.size), byteCount: picture.byteCount)
            return Product(result: result, duration: picture.duration)
        }
    }

    private func describe(_ source: FilePath, for job: Job) async throws -> Product {
        let begin = ContinuousClock.now
        let describer = Describer(tools.engine(for: job).describer, service: tools.vision)
        let text = try await describer.describe(.file(source), timeout: limits.timeout).json
        let key = BlobKey.result(job.id, fence: job.fence, fileExtension: JobResult.Content.description.fileExtension)
        try await storage.put(text, as: key)
        let result = JobResult(blob: key, content: .description, byteCount: text.count)
        return Product(result: result, duration: begin.duration(to: .now))
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
