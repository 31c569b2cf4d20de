import Crypto
package import Imaging

/// Names a result by what decides it: the source's bytes, the plan's meaning, and the engine that applies it.
package struct CacheKey: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// Raised when the engine's output changes for the same plan, so that old results are not taken for new ones.
    package static let engineVersion = 5

    /// - Parameter files: those that the plan names; what counts of them are their bytes.
    package init(source: ContentDigest, plan: Plan, files: PlanFiles = [:]) {
        let contents = files.mapValues { "\($0.file.sha256)" }
        self.init(of: "\(Self.engineVersion)\n\(source)\n\(plan.meaning(withFiles: contents).text)")
    }

    /// - Parameter describer: what describes it, and how; another one describes differently.
    package init(source: ContentDigest, describer: String) {
        self.init(of: "\(Self.engineVersion)\n\(source)\ndescribe\n\(describer)")
    }

    /// For a picture that is fetched: once for all of a batch that ask for the same.
    ///
    /// - Parameter part: where they are very many, which of them share.
    package init(url: String, plan: Plan, in batch: BatchID, part: Int) {
        self.init(of: "batch\n\(batch)\n\(part)\n\(url)\n\(plan.meaning.text)")
    }

    /// For what may be different the next time, such as the picture at a URL: shared with nobody.
    package init(alone job: JobID) { self.init(of: "job\n\(job)") }

    private init(of text: String) {
        description = ContentDigest(SHA256.hash(data: Array(text.utf8))).description
    }

    /// Takes the text that a store kept.
    package init(stored: String) { description = stored }
}
