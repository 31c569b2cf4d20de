/// Where the columns of a batch's CSV are.
struct BatchColumns: Sendable {
    /// Why a row does not fit the header.
    enum Mismatch: Error {
        case tooManyCells(found: Int, allowed: Int)
        case noURL
        case tooManyURLs(found: Int)
    }

    /// There may be several, as in a sheet with a column for each view of a product.
    private let urls: [Int]
    let productName: Int?
    let serialNumber: Int?
    private let count: Int

    /// - Parameter header: names that are told apart by their letters and digits alone, in either case.
    init(header: CSVRow) throws(BatchError) {
        let cells: [String]
        switch header.cells {
        case .success(let read): cells = read
        case .failure(let error): throw .unreadableHeader(line: header.line, error)
        }
        let names = cells.map { $0.lowercased().filter { $0.isLetter || $0.isNumber } }
        urls = names.indices.filter { Self.urlNames.contains(names[$0]) }
        productName = names.firstIndex(of: "productname")
        serialNumber = names.firstIndex { $0 == "serialnumber" || $0 == "sno" }
        count = cells.count
        guard !urls.isEmpty else { throw .noURLColumn(line: header.line, found: cells.map(\.trimmed)) }
    }

    private static let urlNames: Set = [
        "url", "urls", "inputurl", "inputurls", "inputimageurl", "inputimageurls",
    ]

    /// The URLs of a row, at least one.
    func urls(in cells: [String]) throws(Mismatch) -> [String] {
        var texts = urls.compactMap { $0 < cells.count ? cells[$0] : nil }
        let rest = cells.dropFirst(count)
        if !rest.allSatisfy(\.trimmed.isEmpty) {
            // Where URLs come last and are not quoted, the commas between them have made cells of them.
            guard urls.last == count - 1, cells[(count - 1)...].allSatisfy(Self.mayHoldURLs) else {
                throw .tooManyCells(found: cells.count, allowed: count)
            }
            texts += rest
        }
        let found = texts.flatMap(Self.split)
        guard !found.isEmpty else { throw .noURL }
        guard found.count <= BatchSheet.maxURLsPerRow else { throw .tooManyURLs(found: found.count) }
        return found
    }

    /// Cuts a cell at white space, and at commas that white space, another `http://` or `https://`, or the end of the cell
    /// follows. Any other comma belongs to its URL: image servers have them in their paths.
    private static func split(_ cell: String) -> [String] {
        var urls: [String] = []
        func add(_ text: Substring) {
            let url = text.trimming { $0 == "," }
            if !url.isEmpty { urls.append(url) }
        }
        for piece in cell.unicodeScalars.split(whereSeparator: \.isBlank) {
            let text = Substring(piece)
            var start = text.startIndex
            for comma in text.utf8.indices where text.utf8[comma] == UInt8(ascii: ",") {
                let next = text.utf8.index(after: comma)
                guard beginsURL(text[next...]) else { continue }
                add(text[start..<comma])
                start = next
            }
            add(text[start...])
        }
        return urls
    }

    private static func mayHoldURLs(_ cell: String) -> Bool {
        let text = cell.trimmed
        return text.isEmpty || beginsURL(text)
    }

    private static func beginsURL(_ text: some StringProtocol) -> Bool {
        // Sets the bit by which ASCII tells lower case from upper; colons and slashes have it anyway.
        let start = text.utf8.lazy.map { $0 | 0x20 }
        return start.starts(with: "http://".utf8) || start.starts(with: "https://".utf8)
    }
}

extension String {
    /// Without white space at either end.
    var trimmed: String { self[...].trimming(\.isBlank) }
}

extension Substring {
    fileprivate func trimming(_ isDropped: (Unicode.Scalar) -> Bool) -> String {
        guard let start = unicodeScalars.firstIndex(where: { !isDropped($0) }),
            let last = unicodeScalars.lastIndex(where: { !isDropped($0) })
        else { return "" }
        return String(unicodeScalars[start...last])
    }
}

extension Unicode.Scalar {
    /// Whether it is white space; the table of properties is slow, and most text is ASCII.
    fileprivate var isBlank: Bool { isASCII ? value == 32 || (9...13).contains(value) : properties.isWhitespace }
}
