import Crypto
package import Imaging

/// Names a result by what decides it: the source's bytes, the plan's meaning, and the engine that applies it.
package struct CacheKey: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// Raised when the engine's output changes for the same plan, so that old results are not taken for new ones.
    package static let engineVersion = 1

    package init(source: ContentDigest, plan: Plan) {
        var hash = SHA256()
        hash.update(data: Array("\(Self.engineVersion)\n\(source)\n\(plan.meaning.text)".utf8))
        description = ContentDigest(hash.finalize()).description
    }

    /// Takes the text that a store kept.
    package init(stored: String) { description = stored }
}
