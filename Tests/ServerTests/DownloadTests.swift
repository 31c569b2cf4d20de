import Testing

@testable import Server

@Suite struct `A range` {
    @Test(
        arguments: [
            (nil, .whole), ("bytes=0-9", .part(0..<10)), ("bytes=90-", .part(90..<100)), ("bytes=-10", .part(90..<100)),
            ("bytes=-200", .part(0..<100)), ("bytes=50-500", .part(50..<100)), ("Bytes = 0-0", .whole),
            ("BYTES=0-0", .part(0..<1)),
            ("bytes=100-", .unsatisfiable), ("bytes=-0", .unsatisfiable),
            ("bytes=99999999999999999999-", .unsatisfiable),
            ("bytes=9-0", .whole), ("bytes=-", .whole), ("bytes=a-b", .whole), ("bytes=0-1,5-6", .whole),
            ("lines=0-9", .whole),
            ("bytes=1 0-2 0", .whole), ("bytes= 10 -\t19 ", .part(10..<20)), ("bytes= - ", .whole),
            ("bytes=+1-2", .whole), ("bytes=0-99999999999999999999", .part(0..<100)),
        ] as [(String?, ByteRange)])
    func `is read as RFC 9110 has it`(_ field: String?, _ range: ByteRange) {
        #expect(ByteRange(field, length: 100) == range)
    }

    @Test func `of nothing cannot be satisfied`() {
        #expect(ByteRange("bytes=-1", length: 0) == .unsatisfiable)
        #expect(ByteRange("bytes=0-", length: 0) == .unsatisfiable)
    }
}

@Suite struct `An entity tag` {
    @Test(
        arguments: [
            (nil, false), ("\"a.1\"", true), ("W/\"a.1\"", true), ("*", true), ("\"b\", \"a.1\" ,W/\"c\"", true),
            ("\"a.2\"", false),
            ("a.1", false), ("", false),
        ] as [(String?, Bool)])
    func `is found in a list`(_ field: String?, _ isListed: Bool) {
        #expect(EntityTag("a.1").isListed(in: field) == isListed)
    }

    @Test(
        arguments: [
            (nil, true), ("\"a.1\"", true), ("*", true), ("\"b\" , \"a.1\"", true), ("W/\"a.1\"", false),
            ("\"a.2\"", false), ("", false),
        ] as [(String?, Bool)])
    func `is required to be the very same, or not at all`(_ field: String?, _ isAllowed: Bool) {
        #expect(EntityTag("a.1").isAllowed(by: field) == isAllowed)
    }
}

@Suite struct `A disposition` {
    @Test(arguments: [
        ("cat.jpg", #"inline; filename="cat.jpg""#),
        (#"a"b\c.jpg"#, #"inline; filename="a_b_c.jpg"; filename*=UTF-8''a%22b%5Cc.jpg"#),
        ("naïve.jpg", #"inline; filename="na_ve.jpg"; filename*=UTF-8''na%C3%AFve.jpg"#),
        ("100%.jpg", #"inline; filename="100_.jpg"; filename*=UTF-8''100%25.jpg"#),
        ("a\r\nSet-Cookie: x", #"inline; filename="a__Set-Cookie: x"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x"#),
    ])
    func `names the file for old browsers and new`(_ name: String, _ field: String) {
        #expect(Disposition.inline.field(fileName: name) == field)
    }
}
