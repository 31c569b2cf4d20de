import Testing

@testable import Jobs

@Suite struct `A CSV reader` {
    @Test(arguments: [
        ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a,b\r1,2\r", [["a", "b"], ["1", "2"]]),
        ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
        ("a,b\n1,", [["a", "b"], ["1", ""]]),
        ("a,b\n,\n", [["a", "b"], ["", ""]]),
        ("\u{FEFF}a,b\n\u{FEFF}1,2", [["a", "b"], ["\u{FEFF}1", "2"]]),
        ("\u{FEFF}\"a\",b", [["a", "b"]]),
        ("\n\r\n  \na,b\n\n\n1,2\n\r\n", [["a", "b"], ["1", "2"]]),
        ("", []), ("\u{FEFF}", []), ("\r\n\r\n", []), ("\"\"", [[""]]),
        ("é,🐚\n", [["é", "🐚"]]),
    ])
    func `knows every line end, the byte order mark and the empty line`(_ text: String, _ rows: [[String]]) throws {
        #expect(try Self.cells(text) == rows)
    }

    @Test(arguments: [
        ("\"a\",\"b\"\n", [["a", "b"]]),
        ("\"a \"\"b\"\"\",\"\"\"\"\n", [["a \"b\"", "\""]]),
        ("a,\"1\r\n2\n3\r4,5\"\nb", [["a", "1\r\n2\n3\r4,5"], ["b"]]),
        ("\"\",\"\"\r\n", [["", ""]]),
        ("a, \"b, c\" , d \n", [["a", "b, c", " d "]]),
        ("5\" nail,a\"\"b\n", [["5\" nail", "a\"\"b"]]),
    ])
    func `takes what is in quotes as one cell`(_ text: String, _ rows: [[String]]) throws {
        #expect(try Self.cells(text) == rows)
    }

    @Test(arguments: [
        ("a;b\n1,2;3\n", [["a", "b"], ["1,2", "3"]]),
        ("a,b\n1;2,3\n", [["a", "b"], ["1;2", "3"]]),
        ("\"a,b\";c\n1;2\n", [["a,b", "c"], ["1", "2"]]),
        ("a;b,c\n1;2\n", [["a", "b,c"], ["1", "2"]]),
        ("\n\na;b\n1;2\n", [["a", "b"], ["1", "2"]]),
        ("a\n1,2;3\n\"4,\"\n", [["a"], ["1,2;3"], ["4,"]]),
    ])
    func `has the header decide between comma and semicolon`(_ text: String, _ rows: [[String]]) throws {
        #expect(try Self.cells(text) == rows)
    }

    @Test func `says in which line each row begins`() {
        let text = "a,b\r\n\r\n1,\"x\r\ny\nz\rw\"\r\n2,3\r4,5\n\n\n\"6\",7"
        #expect(Self.rows(text).map(\.line) == [1, 3, 7, 8, 11])
    }

    @Test(
        arguments: [
            ("1,x\u{0}y", CSVError.zeroByte(column: 2)),
            ("\u{0}", .zeroByte(column: 1)),
            ("1,\"x\u{0}\r\ny\"", .zeroByte(column: 2)),
            ("1,\"x\"y", .textBehindQuote(column: 2, line: 2)),
            ("\"x\" \"y\",\"z\nw\"", .textBehindQuote(column: 1, line: 2)),
            ("1,\"x\ny\" z", .textBehindQuote(column: 2, line: 3)),
            ("\(String(repeating: "x", count: 65537)),2", .cellTooLong(column: 1, limit: 65536)),
            ("1,2,\(String(repeating: "x", count: 1 << 20)),4", .cellTooLong(column: 3, limit: 65536)),
            ("\"\(String(repeating: "\"\"\n", count: 1 << 19))\",\"4\n5\"", .cellTooLong(column: 1, limit: 65536)),
            ("\(String(repeating: ",", count: 100))", .tooManyCells(limit: 100)),
            ("\(String(repeating: ",", count: 1 << 20))", .tooManyCells(limit: 100)),
        ] as [(LongText, CSVError)])
    func `loses a broken row and no other`(_ broken: LongText, _ error: CSVError) throws {
        let rows = Self.rows("a,b\n\(broken.text)\r\nlast,row\n")
        try #require(rows.count == 3)
        #expect(rows[1] == CSVRow(line: 2, cells: .failure(error)))
        #expect(try rows[2].cells.get() == ["last", "row"])
    }

    @Test(
        arguments: [
            [0x43, 0x61, 0x66, 0xE9], [0xC3], [0xFF, 0xFE], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xEF, 0xBB],
        ] as [[UInt8]])
    func `takes nothing for text that is no UTF-8`(_ bytes: [UInt8]) {
        let rows = Self.rows(Array("a,b\n1,".utf8) + bytes + Array("\n3,4".utf8))
        #expect(
            rows.map(\.cells) == [
                .success(["a", "b"]), .failure(.invalidUTF8(column: 2)), .success(["3", "4"]),
            ])
        #expect(Self.rows(bytes).map(\.cells) == [.failure(.invalidUTF8(column: 1))])
    }

    @Test func `loses what follows a quote that is never closed`() {
        let rows = Self.rows("a,b\n1,2\n3,\"4\n5,6\n7,8\n")
        #expect(
            rows == [
                CSVRow(line: 1, cells: .success(["a", "b"])), CSVRow(line: 2, cells: .success(["1", "2"])),
                CSVRow(line: 3, cells: .failure(.unterminatedQuote(column: 2))),
            ])
    }

    @Test func `allows cells and rows up to their limits`() throws {
        let cell = String(repeating: "x", count: 65536)
        let row = Array(repeating: "y", count: 99) + [cell]
        #expect(try Self.cells(row.joined(separator: ",") + "\n\"\(cell)\"") == [row, [cell]])
    }

    @Test func `gives the same rows wherever the bytes are torn apart`() {
        let text =
            "\u{FEFF}a;\"b;\"\"\r\n\";é\r\n\r\n1;\"2\"\r\"3\r\n4\"; \"5\" ;6\n\"7\"8;9\n\u{0};\n10;\u{FEFF}\n\"\";\"\"\"\"\r\n\"x;\r\n"
        let bytes = Array(text.utf8)
        let whole = Self.rows(bytes)
        #expect(whole.count == 8)
        for cut in bytes.indices {
            #expect(Self.rows(pieces: [Array(bytes[..<cut]), Array(bytes[cut...])]) == whole, "cut at \(cut)")
        }
        #expect(Self.rows(pieces: bytes.map { [$0] }) == whole)
        // Half a byte order mark is none.
        let half: [UInt8] = [0xEF, 0xBB, 0x2C, 0x0A, 0x61]
        #expect(Self.rows(pieces: half.map { [$0] }) == Self.rows(half))
    }

    private static func cells(_ text: String) throws -> [[String]] {
        try rows(text).map { try $0.cells.get() }
    }

    private static func rows(_ text: String) -> [CSVRow] { rows(Array(text.utf8)) }

    private static func rows(_ bytes: [UInt8]) -> [CSVRow] { rows(pieces: [bytes]) }

    private static func rows(pieces: [[UInt8]]) -> [CSVRow] {
        var reader = CSVReader()
        var rows: [CSVRow] = []
        for piece in pieces {
            var position = 0
            while let row = reader.next(in: piece.span, from: &position) { rows.append(row) }
        }
        if let row = reader.finish() { rows.append(row) }
        return rows
    }
}
