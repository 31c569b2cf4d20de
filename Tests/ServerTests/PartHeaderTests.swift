import Testing

@testable import Server

@Suite struct `A part's header` {
    @Test(arguments: [
        (#"form-data; name="file"; filename="a.jpg""#, "file", "a.jpg"),
        (#"form-data; name=file; filename=a.jpg"#, "file", "a.jpg"),
        (#"FORM-DATA; Name="file" ; FileName="a;b=c.jpg""#, "file", "a;b=c.jpg"),
        (#"form-data; name="file"; filename="a \"quoted\" \\ name.jpg""#, "file", #"a "quoted" \ name.jpg"#),
        (#"form-data; name="file"; filename="C:\photos\a.jpg""#, "file", #"C:\photos\a.jpg"#),
        (
            #"form-data; name="file"; filename="plain.jpg"; filename*=UTF-8''na%C3%AFve%20%F0%9F%90%88.jpg"#, "file",
            "naïve 🐈.jpg"
        ),
        (#"form-data; name="file"; filename="plain.jpg"; filename*=latin1''na%EFve.jpg"#, "file", "plain.jpg"),
        (#"form-data; name="file"; filename="plain.jpg"; filename*=UTF-8''broken%C3.jpg"#, "file", "plain.jpg"),
        (#"form-data; name="file"; filename="🐈.jpg""#, "file", "🐈.jpg"),
        (#"form-data; name="a"; filename="""#, "a", ""),
    ])
    func `tells the field and the file's name`(_ disposition: String, _ name: String, _ fileName: String) throws {
        let header = try PartHeader(Array("Content-Disposition: \(disposition)".utf8))
        #expect(header.name == name)
        #expect(header.fileName == fileName)
    }

    @Test func `tells a plain field, and the type`() throws {
        let header = try PartHeader(
            Array(
                "content-type:  Image/PNG; charset=x\r\nX-Other: 1\r\nContent-Disposition: form-data; name=\"w\"".utf8))
        #expect(header == PartHeader(name: "w", contentType: "image/png"))
    }
}

@Suite struct `A name to show` {
    @Test(arguments: [
        ("cat.jpg", "cat.jpg"),
        ("../../etc/passwd.png", "passwd.png"),
        (#"C:\Users\me\cat.png"#, "cat.png"),
        ("cat\u{0}.jpg", "cat.jpg"),
        ("a\r\nb\t.png", "ab.png"),
        ("  cat.jpg  ", "cat.jpg"),
        ("\u{202E}gpj.exe", "gpj.exe"),
        ("👩‍🚀 héllo.webp", "👩‍🚀 héllo.webp"),
        ("..", "file"), ("", "file"), ("/", "file"), ("dir/", "file"),
    ])
    func `is harmless`(_ name: String, _ shown: String) { #expect(DisplayName.make(from: name) == shown) }

    @Test func `has 255 bytes at most, and keeps its extension`() {
        let ascii = DisplayName.make(from: String(repeating: "a", count: 4096) + ".jpeg")
        #expect(ascii.utf8.count == 255 && ascii.hasSuffix("a.jpeg"))
        let cats = DisplayName.make(from: String(repeating: "🐈", count: 1000) + ".jpeg")
        // 4 bytes each: as many whole ones as fit into 250.
        #expect(cats == String(repeating: "🐈", count: 62) + ".jpeg")
        #expect(DisplayName.make(from: "a." + String(repeating: "b", count: 4096)).utf8.count == 255)
    }

    @Test func `is there where the client gave none`() { #expect(DisplayName.make(from: nil) == "file") }
}
