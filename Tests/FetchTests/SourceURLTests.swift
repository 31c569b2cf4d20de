import FetchBackend
import Jobs
import Testing

@Suite struct `A URL of a user` {
    @Test(arguments: [
        ("http://example.com", "http://example.com/"), ("HTTPS://EXAMPLE.com/A", "https://example.com/A"),
        ("http://example.com:80/", "http://example.com/"), ("https://example.com:443", "https://example.com/"),
        ("https://example.com:80", "https://example.com:80/"), ("http://example.com:/a", "http://example.com/a"),
        ("http://example.com:00080/a", "http://example.com/a"), ("http://example.com?a=b", "http://example.com/?a=b"),
        ("http://example.com/a#b?c", "http://example.com/a"), ("http://example.com#@evil", "http://example.com/"),
        ("http://example.com/a/../b/./c/..", "http://example.com/b/"),
        ("http://example.com/../..", "http://example.com/"),
        ("http://example.com/a//b/", "http://example.com/a//b/"),
        ("http://example.com/?../a", "http://example.com/?../a"),
        ("http://example.com/a%2Fb%zz", "http://example.com/a%2Fb%zz"),
        ("http://example.com/b\u{FC}r\u{F6}.jpg?q=\u{20AC}", "http://example.com/b%C3%BCr%C3%B6.jpg?q=%E2%82%AC"),
        ("http://example.com/\u{301}a", "http://example.com/%CC%81a"),
        ("http://example.com/a|b\\c\"<>^`{}", "http://example.com/a%7Cb%5Cc%22%3C%3E%5E%60%7B%7D"),
        ("http://example.com/@a:b[c]", "http://example.com/@a:b[c]"),
        ("http://a_b-c.example./", "http://a_b-c.example./"),
        ("http://0x8.010.2056", "http://8.8.8.8/"), ("http://134744072./a", "http://8.8.8.8/a"),
        ("http://[2606:4700::ABCD]:8080/a", "http://[2606:4700::abcd]:8080/a"),
        ("http://[2606:4700::8.8.8.8]", "http://[2606:4700::8.8.8.8]/"),
        ("http://B\u{DC}CHER.example/", "http://b\u{FC}cher.example/"),
    ])
    func `is sent in one form, which can be read again`(_ text: String, _ sent: String) throws {
        let url = try SourceURL(text)
        #expect("\(url)" == sent)
        #expect(try SourceURL("\(url)") == url)
    }

    @Test(
        arguments: [
            ("", .scheme), ("example.com", .scheme), ("//example.com", .scheme), ("http:/example.com", .scheme),
            ("http:\\\\example.com", .scheme), ("ftp://example.com/", .scheme), ("file:///etc/passwd", .scheme),
            ("javascript://example.com/", .scheme), ("httpx://example.com/", .scheme), ("://example.com", .scheme),
            ("http://example.com/a b", .character), (" http://example.com/", .character),
            ("http://example.com/\r\nHost: b", .character), ("http://example.com/\0", .character),
            ("http://example.com/\u{7F}", .character), ("http://exa\tmple.com/", .character),
            ("http://example.com/\u{A0}", .character), ("http://example.com/\u{85}", .character),
            ("http://a:b@example.com/", .credentials), ("http://a@example.com/", .credentials),
            ("http://@example.com/", .credentials), ("http://example.com\\@127.0.0.1/", .credentials),
            ("http://", .host("")), ("http:///a", .host("")), ("http://?a", .host("")), ("http://:80/", .host("")),
            ("http://./", .host(".")), ("http://a..b/", .host("a..b")), ("http://a%62/", .host("a%62")),
            ("http://a;b/", .host("a;b")), ("http://a\\b/", .host("a\\b")), ("http://256.0.0.1/", .host("256.0.0.1")),
            ("http://1.2.3.4.5/", .host("1.2.3.4.5")), ("http://4294967296/", .host("4294967296")),
            ("http://1.2.3.08/", .host("1.2.3.08")), ("http://1.2.65536/", .host("1.2.65536")),
            ("http://a.1/", .host("a.1")), ("http://[::1/", .host("[::1")), ("http://[::g]/", .host("[::g]")),
            ("http://[127.0.0.1]/", .host("[127.0.0.1]")), ("http://[fe80::1%25lo]/", .host("[fe80::1%25lo]")),
            ("http://[v1.a]/", .host("[v1.a]")), ("http://example.com:0/", .port("0")),
            ("http://example.com:65536/", .port("65536")), ("http://example.com:a/", .port("a")),
            ("http://example.com:-1/", .port("-1")), ("http://a:80:80/", .port("80:80")), ("http://[::1]a/", .port("")),
        ] as [(String, SourceURLError)])
    func `that cannot be asked says which part is wrong`(_ text: String, _ error: SourceURLError) {
        #expect(throws: error) { try SourceURL(text) }
    }

    @Test func `is at most 2,048 bytes long, given and sent`() throws {
        let start = "http://example.com/"
        let longest = start + String(repeating: "a", count: 2048 - start.utf8.count)
        #expect("\(try SourceURL(longest))" == longest)
        #expect(throws: SourceURLError.tooLong(byteCount: 2049)) { try SourceURL(longest + "a") }
        #expect(throws: SourceURLError.tooLong(byteCount: 8192)) {
            try SourceURL(start + String(repeating: "a", count: 8192 - start.utf8.count))
        }
        #expect(throws: SourceURLError.tooLong(byteCount: 3019)) {
            try SourceURL(start + String(repeating: "\u{FC}", count: 500))
        }
        #expect(throws: SourceURLError.host(String(repeating: "a", count: 64))) {
            try SourceURL("http://\(String(repeating: "a", count: 64))/")
        }
    }

    // RFC 3986, section 5.4, where the scheme is ours; a fragment is dropped.
    @Test(
        arguments: [
            ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g", "http://a/g"),
            ("//g", "http://g/"), ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q"),
            ("g#s", "http://a/b/c/g"), ("g?y#s", "http://a/b/c/g?y"), (";x", "http://a/b/c/;x"),
            ("g;x", "http://a/b/c/g;x"),
            ("", "http://a/b/c/d;p?q"), (".", "http://a/b/c/"), ("./", "http://a/b/c/"), ("..", "http://a/b/"),
            ("../", "http://a/b/"), ("../g", "http://a/b/g"), ("../..", "http://a/"), ("../../", "http://a/"),
            ("../../g", "http://a/g"), ("../../../g", "http://a/g"), ("../../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("/../g", "http://a/g"), ("g.", "http://a/b/c/g."), (".g", "http://a/b/c/.g"), ("g..", "http://a/b/c/g.."),
            ("..g", "http://a/b/c/..g"), ("./../g", "http://a/b/g"), ("./g/.", "http://a/b/c/g/"),
            ("g/./h", "http://a/b/c/g/h"), ("g/../h", "http://a/b/c/h"), ("g;x=1/./y", "http://a/b/c/g;x=1/y"),
            ("g;x=1/../y", "http://a/b/c/y"), ("g?y/./x", "http://a/b/c/g?y/./x"),
            ("g?y/../x", "http://a/b/c/g?y/../x"),
            ("https://g:80", "https://g:80/"), ("//g:81/h", "http://g:81/h"), ("/a b", "http://a/a%20b"),
            ("/b\u{FC}", "http://a/b%C3%BC"), ("g:80/a", nil), ("http:g", nil), ("//b@c/", nil), ("file:///a", nil),
            ("/a\u{1}", nil), ("./g:h", "http://a/b/c/g:h"),
        ] as [(String, String?)])
    func `leads where its redirect says`(_ reference: String, _ target: String?) throws {
        let base = try SourceURL("http://a/b/c/d;p?q")
        #expect((try? base.resolving(reference))?.description == target)
    }

    @Test func `keeps its port where a redirect names no host`() throws {
        #expect("\(try SourceURL("https://a:8443/b").resolving("/c"))" == "https://a:8443/c")
    }
}
