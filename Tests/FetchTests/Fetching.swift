import FetchBackend
import FoundationEssentials
import Jobs
import SystemPackage
import TestServers
import Testing

/// Fetches into a file that goes afterwards, and gives back its bytes.
func fetch(_ url: String, with fetcher: GuardedFetcher, limit: Int = 1000) async throws -> [UInt8] {
    let file = FileManager.default.temporaryDirectory.appending(path: "tintype-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    let byteCount = try await fetcher.fetch(try SourceURL(url), to: FilePath(file.path), limit: limit)
    let bytes = [UInt8](try Data(contentsOf: file))
    #expect(bytes.count == byteCount)
    return bytes
}

/// Lends a server of this machine, and a fetcher that may go to it.
func withFetcher(
    totalLimit: Duration = .seconds(30), _ script: @escaping @Sendable (HeardRequest) -> ScriptedAnswer,
    _ body: (GuardedFetcher, ScriptedServer, _ url: String) async throws -> Void
) async throws {
    try await withScriptedServer(script) { server, url in
        let rules = AddressGuard(allowedPorts: [try port(of: url)], allowedNetworks: ["127.0.0.1"])
        try await body(GuardedFetcher(rules, totalLimit: totalLimit), server, url)
    }
}

func port(of url: String) throws -> UInt16 { try #require(url.split(separator: ":").last.flatMap { UInt16($0) }) }

/// A name for ``TestResolver``.
func name(_ number: Int, leadingTo first: String, _ order: String, _ second: String) throws -> String {
    func digits(_ text: String) throws -> String {
        try #require(IPAddress(text)).bytes.map { String(0x100 + Int($0), radix: 16).dropFirst() }.joined()
    }
    return "\(number).\(try digits(first)).\(try digits(second)).\(order).test"
}
