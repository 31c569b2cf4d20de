import Testing

@testable import Jobs

@Suite struct `A batch's CSV` {
    private static let a = "https://a.example/1.jpg"
    private static let b = "http://b.example/2.png"

    @Test(arguments: [
        "serial_number,product_name,input_url", "S. No.,Product Name,Input Image Urls", "S.No.;PRODUCTNAME;URL",
        "\u{FEFF}SERIAL NUMBER,\"Product\nName\",Input_URLs", " serial-number , Product  Name , url ",
    ])
    func `has its columns found whatever their spelling`(_ header: String) throws {
        let row = header.contains(";") ? "7;Shell;\(Self.a)" : "7,Shell,\(Self.a)"
        let entries = try Self.entries("\(header)\r\n\(row)\r\n")
        #expect(entries.map(\.serialNumber) == ["7"])
        #expect(entries.map(\.productName) == ["Shell"])
        #expect(entries.map(\.url) == [Self.a])
        #expect(entries.map(\.failure) == [nil])
    }

    @Test func `needs but one column, in any place, and passes over those it does not know`() throws {
        #expect(try Self.entries("url\n\(Self.a)\n").map(\.url) == [Self.a])
        let entries = try Self.entries("color,url,size,Product Name\nred,\(Self.a),9,\" Shell \"\ngreen,\(Self.b)\n")
        #expect(entries.map(\.url) == [Self.a, Self.b])
        #expect(entries.map(\.productName) == ["Shell", ""])
        #expect(entries.map(\.serialNumber) == ["", ""])
        #expect(entries.map(\.line) == [2, 3])
    }

    @Test(arguments: [
        ("\(a),\(b)", [a, b]), ("\(a), \(b)", [a, b]), ("\(a) \(b)", [a, b]), ("\(a)\r\n\(b)\t", [a, b]),
        (" ,\(a) ,, \(b),", [a, b]), ("\(a),,HTTPS://C.example", [a, "HTTPS://C.example"]),
        ("https://c.example/w_1,h_2/x.jpg,\(a)", ["https://c.example/w_1,h_2/x.jpg", a]),
        ("https://c.example/?x=1,2, y,z", ["https://c.example/?x=1,2", "y,z"]),
        ("\(a)\u{A0}\(a)", [a, a]),
    ])
    func `may have several URLs in a cell, and commas in a URL`(_ cell: String, _ urls: [String]) throws {
        let entries = try Self.entries("product_name,url\nShell,\"\(cell)\"\n")
        #expect(entries.map(\.url) == urls)
        #expect(entries.allSatisfy { $0.productName == "Shell" && $0.failure == nil && $0.line == 2 })
    }

    @Test func `may have URLs unquoted in its last column, and in several columns`() throws {
        #expect(try Self.entries("product_name,url\nx,\(Self.a), \(Self.b),,\n").map(\.url) == [Self.a, Self.b])
        #expect(try Self.entries("url\n\(Self.a),\(Self.b)\n").map(\.url) == [Self.a, Self.b])
        #expect(try Self.entries("url,x,url\n\(Self.a),y,\(Self.b)\n").map(\.url) == [Self.a, Self.b])
    }

    @Test(arguments: [
        ("1,,", "line 3: the row has no URL"),
        ("1,Shell", "line 3: the row has no URL"),
        ("1,Shell,\" , \"", "line 3: the row has no URL"),
        ("1,Shell,\(a),red", "line 3: the row has 4 cells, the header 3"),
        ("1,Shell, black,\(a)", "line 3: the row has 4 cells, the header 3"),
        ("1,\"Shell\"s,\(a)", "line 3: in column 2 text follows the closing quote in line 3"),
        ("1,She\u{0}ll,\(a)", "line 3: column 2 has a byte of zero"),
        ("1,Shell,\(String(repeating: "x", count: 1 << 20))", "line 3: column 3 has more than 65536 bytes"),
        ("1,\(String(repeating: "x", count: 1001)),\(a)", "line 3: a name or serial number has more than 1000 bytes"),
        ("1,Shell,\(String(repeating: "\(a) ", count: 101))", "line 3: the row has 101 URLs; the limit is 100"),
    ])
    func `says in which line a broken row is, and loses no other`(_ row: String, _ message: String) throws {
        let entries = try Self.entries("s. no.,product name,url\n1,x,\(Self.a)\n\(row)\n,,\n\n2,y,\(Self.b)\n")
        try #require(entries.count == 3)
        #expect(entries[0].failure == nil)
        #expect(entries[1].failure?.message.hasPrefix(message) == true, "\(entries[1])")
        #expect(entries[1].failure?.code == "invalid_row")
        #expect(entries[1].line == 3)
        #expect(entries[1].url == "")
        #expect(entries[2] == BatchEntry(line: 6, serialNumber: "2", productName: "y", url: Self.b, failure: nil))
    }

    @Test func `says in which line bytes are no UTF-8`() throws {
        let bytes = Array("url,name\n\(Self.a),Caf".utf8) + [0xE9] + Array("\n\(Self.b),Tea\n".utf8)
        let entries = try Self.entries([bytes])
        #expect(entries.map(\.url) == ["", Self.b])
        #expect(
            entries.first?.failure?.message
                == "line 2: column 2 is no UTF-8; the file must be saved in that encoding")
    }

    @Test func `keeps the names of a row without URLs`() throws {
        let entries = try Self.entries("product_name,serial_number,url\nShell,7,\nStar,8,\(Self.a)\n")
        #expect(entries.map(\.productName) == ["Shell", "Star"])
        #expect(entries.map(\.serialNumber) == ["7", "8"])
    }

    @Test func `has each URL judged for itself`() throws {
        let entries = try Self.entries("url\n\(Self.a) ftp://c.example \(Self.b)\n")
        #expect(entries.map(\.url) == [Self.a, "ftp://c.example", Self.b])
        let refused = JobFailure(code: "forbidden_url", message: "line 2: no http", isRetryable: false)
        #expect(entries.map(\.failure) == [nil, refused, nil])
    }

    @Test(arguments: [
        ("", BatchError.noHeader), ("\r\n  \n,,\n", .noHeader),
        ("url,name\n", .noRows), ("url,name\n\n,\n", .noRows),
        ("name;link\nx;\(a)\n", .noURLColumn(line: 1, found: ["name", "link"])),
        ("\n1,x,\(a)\n", .noURLColumn(line: 2, found: ["1", "x", a])),
        ("name\turl\nx\t\(a)\n", .noURLColumn(line: 1, found: ["name\turl"])),
        ("name|url\nx|\(a)\n", .noURLColumn(line: 1, found: ["name|url"])),
        ("u\u{0}r\u{0}l\u{0}\n", .unreadableHeader(line: 1, .zeroByte(column: 1))),
        ("name,\"url\n\(a)\n", .unreadableHeader(line: 1, .unterminatedQuote(column: 2))),
        (
            "url\nftp://a ftp://b\nftp://c\n",
            .noUsableRow(first: JobFailure(code: "forbidden_url", message: "line 2: no http", isRetryable: false))
        ),
        (
            "name,url\n\"x,\(a)\n",
            .noUsableRow(
                first: JobFailure(
                    code: "invalid_row",
                    message: "line 2: the quote that opens column 1 is never closed; all that follows it in the file "
                        + "is lost", isRetryable: false))
        ),
    ])
    func `is refused as a whole where nothing of it can be used`(_ text: String, _ error: BatchError) {
        #expect(throws: error) { try Self.entries(text) }
    }

    @Test(arguments: [
        ("name\turl", "tabs instead"), ("name|url", "| instead"), ("1,\(a)", "the header seems to be missing"),
    ])
    func `is told what seems to be wrong with its header`(_ header: String, _ hint: String) throws {
        let error = #expect(throws: BatchError.self) { try Self.entries("\(header)\n\(header)\n") }
        #expect(error?.message.hasSuffix(hint) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("input_urls, Input Image Urls, url") == true)
    }

    @Test func `is not repeated back at length`() throws {
        let header = (0..<30).map { "\($0)" + String(repeating: "x", count: 1_000) }.joined(separator: ",")
        let error = #expect(throws: BatchError.self) { try Self.entries("\(header)\n") }
        #expect(error?.message.count ?? .max < 800)
    }

    @Test func `may have so many rows and not one more, the broken ones among them`() throws {
        let rows = String(repeating: "\(Self.a)\n\n", count: 9_999)
        #expect(try Self.entries("url\n\(rows)\" , \"\n").count == 10_000)
        #expect(throws: BatchError.tooManyRows(limit: 10_000)) {
            try Self.entries("url\n\(rows)\" , \"\n\(Self.a)\n")
        }
    }

    @Test func `is the same wherever its bytes are torn apart`() throws {
        let text = "\u{FEFF}s. no.;name;url\r\n1;\"a;\"\"b\r\n\"\"\";\(Self.a), \(Self.b)\r\n2;;\r\n3;x;ftp://c;\r\n"
        let whole = try Self.entries(text)
        #expect(whole.map(\.url) == [Self.a, Self.b, "", "ftp://c"])
        #expect(try Self.entries(Array(text.utf8).map { [$0] }) == whole)
    }

    private static func entries(_ text: String) throws -> [BatchEntry] { try entries([Array(text.utf8)]) }

    private static func entries(_ pieces: [[UInt8]]) throws -> [BatchEntry] {
        var sheet = BatchSheet(maxRows: 10_000) { url in
            url.hasPrefix("ftp:") ? JobFailure(code: "forbidden_url", message: "no http", isRetryable: false) : nil
        }
        var entries: [BatchEntry] = []
        for piece in pieces { entries += try sheet.read(piece.span) }
        return entries + (try sheet.finish())
    }
}
