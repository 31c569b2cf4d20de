/// Cuts a CSV (RFC 4180, UTF-8) into rows as its bytes arrive.
///
/// Looser than the RFC where the meaning is plain: a line may end in CRLF, LF or CR, a quote inside a cell that does not
/// begin with one stands for itself, and spaces around quotes are dropped. Cells are separated by comma or semicolon,
/// whichever the header has first outside quotes; where it has neither, each line is one cell. Empty lines are no rows.
///
/// A row that is broken is given as its error, and the next begins where its line ends. Only a quote that is never closed
/// takes with it what follows. What is kept between two pieces of bytes is at most one row.
package struct CSVReader: Sendable {
    /// In bytes, of a cell without its quotes.
    package static let maxCellByteCount = 64 * 1024
    package static let maxCells = 100

    private enum State {
        /// At the beginning of a cell, or behind spaces there.
        case start
        case bare
        case quoted
        /// Behind a quote in quoted text: it ends there, or the quote is the first of two that stand for one.
        case quote
        /// Behind quoted text and a space.
        case closed
    }

    private var state = State.start
    private var delimiter: UInt8?
    private var isHeader = true
    /// How much of a byte order mark has been seen.
    private var markLength = 0
    private var isBehindCR = false
    /// Lines that have ended, within quotes or not.
    private var lineCount = 0
    /// Of the row that is being read.
    private var line = 1
    private var column = 1
    private var cell: [UInt8] = []
    private var cells: [String] = []
    private var error: CSVError?

    package init() {}

    /// Reads up to the end of the next row; `nil` where the bytes end before.
    ///
    /// - Parameters:
    ///   - bytes: a piece of the file, of any size. It is to be read until this is `nil` before the next is.
    ///   - position: where to go on in them, at first 0.
    package mutating func next(in bytes: Span<UInt8>, from position: inout Int) -> CSVRow? {
        while position < bytes.count {
            let byte = bytes[position]
            if markLength < Self.mark.count, byte == Self.mark[markLength] {
                markLength += 1
                position += 1
                continue
            }
            endMark()
            position += 1
            if let row = read(byte) { return row }
        }
        return nil
    }

    /// Says that there are no more bytes, and gives the row that they have left open.
    package mutating func finish() -> CSVRow? {
        endMark()
        if state == .quoted { error = .unterminatedQuote(column: column) }
        return endRow()
    }

    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Takes the bytes of a mark that was not completed for what they are: the first of a cell, and no text.
    private mutating func endMark() {
        guard markLength < Self.mark.count else { return }
        for byte in Self.mark.prefix(markLength) { text(byte) }
        markLength = Self.mark.count
    }

    private mutating func read(_ byte: UInt8) -> CSVRow? {
        let endsLine = byte == .carriageReturn || byte == .lineFeed
        if endsLine && !(isBehindCR && byte == .lineFeed) { lineCount += 1 }
        isBehindCR = byte == .carriageReturn

        switch state {
        case .quoted where byte == .quote: state = .quote
        case .quoted: append(byte)
        // The LF of a CRLF ends an empty line, which is no row.
        case _ where endsLine: return endRow()
        case _ where isDelimiter(byte): endCell()
        default: text(byte)
        }
        return nil
    }

    /// Takes a byte that separates nothing, outside quotes or behind one.
    private mutating func text(_ byte: UInt8) {
        switch state {
        case .start where byte == .quote:
            cell.removeAll(keepingCapacity: true)
            state = .quoted
        case .start, .bare, .quoted:
            append(byte)
            if byte != .space { state = .bare }
        case .quote where byte == .quote:
            append(byte)
            state = .quoted
        case .quote where byte == .space, .closed where byte == .space:
            state = .closed
        case .quote, .closed:
            error = error ?? .textBehindQuote(column: column, line: lineCount + 1)
            // From here as if there had been no quotes, so that the row ends with this line.
            state = .bare
        }
    }

    private mutating func append(_ byte: UInt8) {
        guard error == nil else { return }
        if byte == 0 {
            error = .zeroByte(column: column)
        } else if cell.count == Self.maxCellByteCount {
            error = .cellTooLong(column: column, limit: Self.maxCellByteCount)
        } else {
            cell.append(byte)
        }
    }

    private mutating func isDelimiter(_ byte: UInt8) -> Bool {
        guard byte == .comma || byte == .semicolon else { return false }
        if isHeader && delimiter == nil { delimiter = byte }
        return byte == delimiter
    }

    private mutating func endCell() {
        if error == nil {
            if column > Self.maxCells {
                error = .tooManyCells(limit: Self.maxCells)
            } else if let text = String(validating: cell, as: UTF8.self) {
                cells.append(text)
            } else {
                error = .invalidUTF8(column: column)
            }
        }
        cell.removeAll(keepingCapacity: true)
        column += 1
        state = .start
    }

    private mutating func endRow() -> CSVRow? {
        defer {
            cells = []
            cell.removeAll(keepingCapacity: true)
            error = nil
            column = 1
            state = .start
            line = lineCount + 1
        }
        if column == 1 && state == .start { return nil }
        isHeader = false
        endCell()
        return CSVRow(line: line, cells: error.map { .failure($0) } ?? .success(cells))
    }
}

/// One row of a CSV, or why it is lost.
package struct CSVRow: Hashable, Sendable {
    /// Where the row begins, counted from 1; with line ends in quotes it goes on in the next ones.
    package let line: Int
    package let cells: Result<[String], CSVError>
}

/// Why a row of a CSV is lost. Columns are counted from 1.
package enum CSVError: Error, Hashable, Sendable {
    /// `limit` is in bytes.
    case cellTooLong(column: Int, limit: Int)
    case tooManyCells(limit: Int)
    case zeroByte(column: Int)
    case invalidUTF8(column: Int)
    /// A cell that begins with a quote does not end with one. `line` is where the quotes closed.
    case textBehindQuote(column: Int, line: Int)
    /// All that follows in the file is lost with it.
    case unterminatedQuote(column: Int)

    package var message: String {
        switch self {
        case .cellTooLong(let column, let limit): "column \(column) has more than \(limit) bytes, the limit of a cell"
        case .tooManyCells(let limit): "the row has more than \(limit) cells, the limit of a row"
        case .zeroByte(let column): "column \(column) has a byte of zero; the file must be text in UTF-8"
        case .invalidUTF8(let column): "column \(column) is no UTF-8; the file must be saved in that encoding"
        case .textBehindQuote(let column, let line):
            "in column \(column) text follows the closing quote in line \(line); a quote in quoted text is written twice"
        case .unterminatedQuote(let column):
            "the quote that opens column \(column) is never closed; all that follows it in the file is lost"
        }
    }
}

extension UInt8 {
    fileprivate static let lineFeed = UInt8(ascii: "\n")
    fileprivate static let carriageReturn = UInt8(ascii: "\r")
    fileprivate static let quote = UInt8(ascii: "\"")
    fileprivate static let comma = UInt8(ascii: ",")
    fileprivate static let semicolon = UInt8(ascii: ";")
    fileprivate static let space = UInt8(ascii: " ")
}
