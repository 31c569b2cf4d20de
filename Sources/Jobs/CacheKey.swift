import Crypto
package import Imaging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Names a result by what decides it: the source's bytes, the plan's meaning, and the engine that applies it.
package struct CacheKey: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// Raised when the engine's output changes for the same plan, so that old results are not taken for new ones.
    package static let engineVersion = 1

    package init(source: ContentDigest, plan: Plan) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // A plan's meaning is finite numbers, words and flags, which always encode.
        let meaning = (try? encoder.encode(plan.meaning)) ?? Data()
        var hash = SHA256()
        hash.update(data: Data("\(Self.engineVersion)\n\(source)\n".utf8))
        hash.update(data: meaning)
        description = ContentDigest(hash.finalize()).description
    }

    /// Takes the text that a store kept.
    package init(stored: String) { description = stored }
}
