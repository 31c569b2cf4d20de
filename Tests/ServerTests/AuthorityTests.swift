import Testing

@testable import Server

@Suite struct `An authority` {
    @Test(arguments: [
        "a", "A-b_c.example", "a.example.", "a:8080", "a:", "a:65535", "10.0.0.1:80", "[::1]", "[2001:DB8::7]:8000",
    ])
    func `is a host, with a port or without`(_ text: String) { #expect(Authority.isValid(text)) }

    @Test(arguments: [
        "", ":80", "a b", "a/b", "a?", "a#", "a@b", "a,b", "<>", "é", "a:b", "a:65536", "a:-1", "a:8:0", "::1", "[",
        "[]",
        "[::1", "[::1]a", "[1.2.3.4]", "[::g]", String(repeating: "a", count: 256),
    ])
    func `is nothing else`(_ text: String) { #expect(!Authority.isValid(text)) }
}
