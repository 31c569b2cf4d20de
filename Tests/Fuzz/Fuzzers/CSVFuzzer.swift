import Jobs

/// A file has the same rows however it is cut into pieces. The first byte says how.
enum CSVFuzzer: Fuzzer {
    static let name = "csv"

    static let seeds = [text("\0url,steps\r\n\"https://a.example/x,y\",\"\"\n\"a \"\"b\"\"\" ;c\r\r")]

    static func feed(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let text = Array(bytes.dropFirst())
        let whole = rows(text, step: text.count), cut = rows(text, step: Int(first) + 1)
        guard whole == cut else { fatalError("\(whole) cut in pieces of \(Int(first) + 1) is \(cut)") }
        for (row, next) in zip(whole, whole.dropFirst()) { precondition(row.line < next.line) }
        for case .success(let cells) in whole.map(\.cells) {
            precondition((1...CSVReader.maxCells).contains(cells.count))
            precondition(cells.allSatisfy { $0.utf8.count <= CSVReader.maxCellByteCount })
        }
    }
}

private func rows(_ text: [UInt8], step: Int) -> [CSVRow] {
    var reader = CSVReader()
    var rows: [CSVRow] = []
    for start in stride(from: 0, to: text.count, by: max(1, step)) {
        let piece = text.span.extracting(start..<min(start + step, text.count))
        var position = 0
        while let row = reader.next(in: piece, from: &position) { rows.append(row) }
        precondition(position == piece.count)
    }
    if let row = reader.finish() { rows.append(row) }
    return rows
}
