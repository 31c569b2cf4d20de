/// Reads a batch's CSV: finds its columns by the header, and gives one entry for each URL in it.
///
/// A row that cannot be used is one entry too, which says why and in which line; no other row is lost by it. What breaks
/// the file as a whole is thrown, perhaps after thousands of entries, so nothing is to be begun before ``finish()``.
///
/// A row is broken where it has no URL or too many, more cells than the header, or a name beyond the limit; its other
/// columns count for nothing. Rows without any text are passed over.
package struct BatchSheet: Sendable {
    package static let maxURLsPerRow = 100
    /// Of a product's name and a serial number, in bytes.
    package static let maxNameByteCount = 1000

    /// On the average of the rows that are allowed.
    private static let imagesPerRow = 10

    private let maxRows: Int
    private let check: @Sendable (String) -> JobFailure?
    private var reader = CSVReader()
    private var columns: BatchColumns?
    private var rowCount = 0
    private var entryCount = 0
    private var hasUsableEntry = false
    private var firstFailure: JobFailure?

    /// - Parameters:
    ///   - maxRows: how many rows may follow the header, broken ones among them; they may name ten times as many images.
    ///   - check: what is wrong with a URL, `nil` for nothing.
    package init(maxRows: Int, check: @escaping @Sendable (String) -> JobFailure?) {
        self.maxRows = maxRows
        self.check = check
    }

    /// Reads the next piece of the file, and gives the entries of the rows that end in it.
    ///
    /// - Throws: where the header will not do, or there are too many rows.
    package mutating func read(_ bytes: Span<UInt8>) throws(BatchError) -> [BatchEntry] {
        var entries: [BatchEntry] = []
        var position = 0
        while let row = reader.next(in: bytes, from: &position) { entries += try self.entries(of: row) }
        return entries
    }

    /// Says that the file ends here, and gives the entries of its last row.
    ///
    /// - Throws: as ``read(_:)``, and where no entry of the whole file can be used.
    package mutating func finish() throws(BatchError) -> [BatchEntry] {
        let entries = if let row = reader.finish() { try self.entries(of: row) } else { [BatchEntry]() }
        guard columns != nil else { throw .noHeader }
        guard hasUsableEntry else {
            if let firstFailure { throw .noUsableRow(first: firstFailure) }
            throw .noRows
        }
        return entries
    }

    private mutating func entries(of row: CSVRow) throws(BatchError) -> [BatchEntry] {
        if case .success(let cells) = row.cells, cells.allSatisfy({ $0.trimmed.isEmpty }) { return [] }
        guard let columns else {
            columns = try BatchColumns(header: row)
            return []
        }
        rowCount += 1
        guard rowCount <= maxRows else { throw .tooManyRows(limit: maxRows) }
        let entries = self.entries(of: row, columns)
        entryCount += entries.count
        guard entryCount <= maxRows * Self.imagesPerRow else {
            throw .tooManyImages(limit: maxRows * Self.imagesPerRow)
        }
        hasUsableEntry = hasUsableEntry || entries.contains { $0.failure == nil }
        firstFailure = firstFailure ?? entries.lazy.compactMap(\.failure).first
        return entries
    }

    private func entries(of row: CSVRow, _ columns: BatchColumns) -> [BatchEntry] {
        func failure(_ failure: JobFailure) -> JobFailure {
            JobFailure(
                code: failure.code, message: "line \(row.line): \(failure.message)", isRetryable: failure.isRetryable)
        }
        func broken(_ reason: String, serialNumber: String = "", productName: String = "") -> [BatchEntry] {
            let reason = JobFailure(code: "invalid_row", message: reason, isRetryable: false)
            return [
                BatchEntry(
                    line: row.line, serialNumber: serialNumber, productName: productName, url: "",
                    failure: failure(reason))
            ]
        }

        let cells: [String]
        switch row.cells {
        case .success(let read): cells = read
        case .failure(let error): return broken(error.message)
        }
        func name(_ column: Int?) -> String { column.map { $0 < cells.count ? cells[$0].trimmed : "" } ?? "" }
        let serialNumber = name(columns.serialNumber)
        let productName = name(columns.productName)
        guard max(serialNumber.utf8.count, productName.utf8.count) <= Self.maxNameByteCount else {
            return broken("a name or serial number has more than \(Self.maxNameByteCount) bytes, its limit")
        }
        let urls: [String]
        do throws(BatchColumns.Mismatch) {
            urls = try columns.urls(in: cells)
        } catch {
            return broken(error.message, serialNumber: serialNumber, productName: productName)
        }
        return urls.map { url in
            // What is too long to be a URL is only shown, and its beginning will do.
            BatchEntry(
                line: row.line, serialNumber: serialNumber, productName: productName,
                url: url.utf8.count > SourceURL.limit ? url.prefix(200) + "…" : url, failure: check(url).map(failure))
        }
    }
}

/// One picture that a batch asks for, or a row of its CSV that cannot be used.
package struct BatchEntry: Hashable, Sendable {
    /// Where the row begins in the file, counted from 1.
    package let line: Int
    /// Empty where the row has none, as the next two.
    package let serialNumber: String
    package let productName: String
    /// As it was given.
    package let url: String
    /// Why there is nothing to do; its message names the line.
    package let failure: JobFailure?

    package init(line: Int, serialNumber: String, productName: String, url: String, failure: JobFailure?) {
        self.line = line
        self.serialNumber = serialNumber
        self.productName = productName
        self.url = url
        self.failure = failure
    }
}

/// Why a batch's CSV is refused as a whole.
package enum BatchError: Error, Hashable, Sendable {
    /// The file holds no text at all.
    case noHeader
    case unreadableHeader(line: Int, CSVError)
    /// `found` are the cells of the first line.
    case noURLColumn(line: Int, found: [String])
    /// The header is all there is.
    case noRows
    /// `first` is what is wrong with the first entry.
    case noUsableRow(first: JobFailure)
    case tooManyRows(limit: Int)
    case tooManyImages(limit: Int)
}
