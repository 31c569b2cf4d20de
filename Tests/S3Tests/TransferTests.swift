import FoundationEssentials
import HTTPClient
import Jobs
import Subprocess
import SystemPackage
import TestServers
import Testing

@testable import S3Backend

@Suite struct `A bucket` {
    private let key = BlobKey(rawValue: "originals/0a/0a.1-b")

    @Test func `takes a large file in parts and gives it back`() async throws {
        try await Bucket.with { bucket in
            let bytes = pattern(40 << 20 | 12345)
            try await bucket.storage.put(try await bucket.file(bytes), as: key)
            #expect(bucket.fileCount == 0)
            try await bucket.storage.withLocalFile(key) { path in
                #expect(bucket.fileCount == 1)
                let found = try Data(contentsOf: URL(filePath: path.string))
                #expect([UInt8](found) == bytes)
            }
            #expect(bucket.fileCount == 0)
            let reader = try await bucket.storage.open(key)
            #expect(reader.byteCount == bytes.count)
            for offset in [0, 5, 1 << 20, (16 << 20) - 3, 30 << 20, bytes.count - 7] {
                let found = try await reader.read(at: offset, count: 100_000)
                #expect(found.elementsEqual(bytes[offset..<offset + found.count]))
                #expect(found.count >= min(7, 100_000))
            }
            #expect(try await reader.read(at: bytes.count, count: 1) == [])
            await reader.close()
        }
    }

    @Test(arguments: [0, 1, 1 << 20, (1 << 20) + 1, S3Upload.partSize, S3Upload.partSize + 1])
    func `keeps every byte at the edges of its sizes`(_ count: Int) async throws {
        try await Bucket.with { bucket in
            let bytes = pattern(count)
            try await bucket.storage.put(try await bucket.file(bytes), as: key)
            let reader = try await bucket.storage.open(key)
            #expect(reader.byteCount == count)
            var found: [UInt8] = []
            while found.count < count { found += try await reader.read(at: found.count, count: 128 * 1024) }
            #expect(found == bytes)
        }
    }

    @Test func `is reached through TLS, by whom trusts its certificate`() async throws {
        let server = try S3Server()
        let tls = ["AWS_ENDPOINT_URL_S3": server.tlsEndpoint]
        try await Bucket.with(tls.merging(["AWS_CA_BUNDLE": server.certificates]) { $1 }) { bucket in
            try await bucket.storage.check()
            try await bucket.storage.put(try await bucket.file([1, 2, 3]), as: key)
            #expect(try await bucket.storage.open(key).byteCount == 3)
        }
        for others in [[:], ["AWS_CA_BUNDLE": server.otherCertificates]] as [[String: String]] {
            try await Bucket.with(tls.merging(others) { $1 }) { bucket in
                await #expect {
                    try await bucket.storage.check(for: .zero)
                } throws: { "\($0)".hasPrefix("\(server.tlsEndpoint) cannot be reached: SSL peer certificate") }
            }
        }
    }

    @Test func `gives an object to whoever has its URL, until that expires`() async throws {
        let clock = StillClock(.now)
        let server = try S3Server()
        // What the service itself connects to may have another name outside.
        let outside = server.endpoint.replacing("127.0.0.1", with: "localhost")
        try await Bucket.with(["S3_PUBLIC_ENDPOINT_URL": outside], now: { clock.now }) { bucket in
            try await bucket.storage.put(try await bucket.file(Array("hello".utf8)), as: key)
            func url() async throws -> String {
                try #require(
                    try await bucket.storage.presignedURL(
                        for: key, contentType: "image/png", contentDisposition: "attachment; filename=\"a b.png\"",
                        validFor: .seconds(60)))
            }
            let good = try await url()
            #expect(good.hasPrefix(outside))
            let answer = try await curl(good)
            #expect(answer.contains("HTTP/1.1 200"))
            #expect(answer.lowercased().contains("content-type: image/png\r\n"))
            #expect(answer.contains("attachment; filename=\"a b.png\""))
            #expect(answer.hasSuffix("\r\n\r\nhello"))
            #expect(try await curl(good.replacing("X-Amz-Expires=60", with: "X-Amz-Expires=61")).contains(" 403 "))
            clock.advance(.seconds(-61))
            #expect(try await curl(try await url()).contains(" 403 "))
        }
    }

    private func curl(_ url: String) async throws -> String {
        let result = try await Subprocess.run(
            .name("curl"), arguments: ["-s", "-i", "--max-time", "10", url], output: .string(limit: 100_000))
        return result.standardOutput
    }

    @Test func `lists more objects than a page has`() async throws {
        try await Bucket.with { bucket in
            var keys: Set<BlobKey> = []
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<1050 {
                    let key = BlobKey(rawValue: "results/\(number % 7)/\(number).webp")
                    keys.insert(key)
                    if number >= 16 { try await group.next() }
                    group.addTask { try await bucket.storage.put(try await bucket.file([1]), as: key) }
                }
                try await group.waitForAll()
            }
            // What lies there and is no object of ours is left alone.
            _ = try await bucket.client.send(S3Call(.put, "\(bucket.settings.prefix)results/not ours+ü"))
            var pages: [Int] = []
            var found: Set<BlobKey> = []
            try await bucket.storage.forEachPage(writtenBefore: .now + .seconds(60)) { page in
                pages.append(page.count)
                found.formUnion(page)
            }
            #expect(found == keys)
            #expect(pages.count == 2)
        }
    }
}
