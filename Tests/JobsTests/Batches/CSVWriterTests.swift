import Testing

@testable import Jobs

@Suite struct `A CSV writer` {
    @Test(arguments: [
        (["a", "b"], "a,b\r\n"),
        (["", ""], ",\r\n"),
        (
            ["a,b", "c;d", "e\"f", "g\r\nh", "i\tj", "k l"],
            "\"a,b\",\"c;d\",\"e\"\"f\",\"g\r\nh\",\"i\tj\",\"k l\"\r\n"
        ),
        (["Café", "🐚"], "Café,🐚\r\n"),
    ])
    func `quotes what has to be quoted`(_ cells: [String], _ row: String) {
        #expect(Self.written([cells]) == row)
    }

    @Test(arguments: [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"), ("\r1", "'\r1"), ("\n1", "'\n1"),
        ("＝1", "'＝1"), ("＋1", "'＋1"), ("－1", "'－1"), ("＠A", "'＠A"),
        (" =1", " '=1"), ("\"=1\"", "\"'=1\""),
        // As seen by a spreadsheet whose cells are separated by semicolons or tabs.
        ("x;=1", "x;'=1"), ("x;\"=1\";y", "x;\"'=1\";y"), ("x\t@A", "x\t'@A"), ("x\r\n-1", "x\r\n'-1"),
        ("=", "'="), ("", ""), ("a=b", "a=b"), ("https://a.example/x-1?b=+c@d", "https://a.example/x-1?b=+c@d"),
        ("'=1", "'=1"), ("T-shirt; 5", "T-shirt; 5"),
    ])
    func `leaves nothing that a spreadsheet would run`(_ cell: String, _ safe: String) throws {
        let written = Self.written([[cell, "x"]])
        #expect(try Self.read(written) == [[safe, "x"]])
        if safe != cell { #expect(written.hasPrefix("\"")) }
    }

    @Test func `defuses a byte of zero, which no reader takes`() {
        #expect(Self.written([["\u{0}=1"]]) == "\"'\u{0}'=1\"\r\n")
    }

    @Test func `writes what a reader reads back`() throws {
        var generator = SystemRandomNumberGenerator()
        let alphabet: [Character] = ["a", "é", "🐚", " ", ",", ";", "\"", "\r", "\n", "\r\n", "'", "=", "-", "\t", "＝"]
        for _ in 0..<500 {
            let width = Int.random(in: 1...5, using: &generator)
            var rows = [(0..<width).map { "c\($0)" }]
            for _ in 0..<Int.random(in: 0...5, using: &generator) {
                let cells = (0..<width).map { _ in
                    String((0..<Int.random(in: 0...6, using: &generator)).compactMap { _ in alphabet.randomElement() })
                }
                // A row of one cell without text is an empty line.
                if cells != [""] { rows.append(cells) }
            }
            #expect(try Self.read(Self.written(rows)) == rows.map { $0.map(CSVWriter.defused) }, "\(rows)")
        }
    }

    @Test func `reports a batch so that it can be sent again`() throws {
        let row = BatchReportRow(
            serialNumber: "1", productName: "SKU, 1", inputURL: "https://a.example/1.jpg",
            outputURL: "https://b.example/download/2", status: "complete", error: "")
        let text = Self.written([BatchReportRow.columns, row.cells])
        #expect(
            text == "serial_number,product_name,input_url,output_url,status,error\r\n"
                + "1,\"SKU, 1\",https://a.example/1.jpg,https://b.example/download/2,complete,\r\n")
        var sheet = BatchSheet(maxRows: 1) { _ in nil }
        let entries = try sheet.read(Array(text.utf8).span)
        #expect(entries.map(\.url) == [row.inputURL])
        #expect(entries.map(\.productName) == [row.productName])
    }

    private static func written(_ rows: [[String]]) -> String {
        var bytes: [UInt8] = []
        for row in rows { CSVWriter.write(row, to: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func read(_ text: String) throws -> [[String]] {
        var reader = CSVReader()
        let bytes = Array(text.utf8)
        var position = 0
        var rows: [[String]] = []
        while let row = reader.next(in: bytes.span, from: &position) { rows.append(try row.cells.get()) }
        return rows
    }
}
