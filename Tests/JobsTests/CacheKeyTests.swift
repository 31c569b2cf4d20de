import Crypto
import Imaging
import Jobs
import Testing

@Suite struct `A cache key` {
    private func key(_ members: [String: JSONValue], source: String = "a") throws -> CacheKey {
        let digest = ContentDigest(SHA256.hash(data: Array(source.utf8)))
        return CacheKey(source: digest, plan: try PlanRequest(members).plan())
    }

    @Test func `is the same however the plan is spelled`() throws {
        let spellings: [[String: JSONValue]] = [
            ["transformations": ["convert:webp", "compress:70"]],
            ["transformations": "convert:webp,compress:70"],
            ["operations": [["type": "convert", "format": "webp"], ["type": "compress", "quality": 70]]],
            ["operation": "compress", "quality": "70", "format": "webp"],
        ]
        #expect(try Set(spellings.map { try key($0) }).count == 1)
    }

    @Test func `differs with the source, the quality and the format`() throws {
        let keys = try [
            key(["transformations": ["convert:webp"]]),
            key(["transformations": ["convert:webp"]], source: "b"),
            key(["transformations": ["convert:png"]]),
            key(["transformations": ["convert:webp"], "output": ["quality": 79]]),
        ]
        #expect(Set(keys).count == keys.count)
    }
}
