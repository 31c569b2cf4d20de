extension BatchError {
    /// For people: what was found, and what is allowed.
    package var message: String {
        switch self {
        case .noHeader: "the CSV is empty; its first line must name the columns, \(Self.columns)"
        case .unreadableHeader(let line, let error): "the header in line \(line) cannot be read: \(error.message)"
        case .noURLColumn(let line, let found):
            "line \(line) names no column of URLs: it has \(Self.excerpt(of: found)); the columns are \(Self.columns)"
                + Self.hint(for: found)
        case .noRows: "the CSV has a header and no rows"
        case .noUsableRow(let first): "no row of the CSV can be used; \(first.message)"
        case .tooManyImages(let limit): "the CSV names more than \(limit) images, the limit of a batch"
        case .tooManyRows(let limit): "the CSV has more than \(limit) rows, the limit of a batch"
        }
    }

    private static let columns =
        "product_name, input_url (or input_urls, Input Image Urls, url) and, if wanted, serial_number, "
        + "with commas or semicolons between them"

    /// The first few names, and of each the beginning: what was sent as a CSV may be anything.
    private static func excerpt(of found: [String]) -> String {
        let names = found.prefix(10).map { "\"\($0.prefix(40))\($0.count > 40 ? "…" : "")\"" }
        return names.joined(separator: ", ") + (found.count > 10 ? " and \(found.count - 10) more" : "")
    }

    /// What seems to have gone wrong.
    private static func hint(for found: [String]) -> String {
        if found.contains(where: { $0.contains("\t") }) { return "; this one seems to have tabs instead" }
        if found.contains(where: { $0.contains("|") }) { return "; this one seems to have | instead" }
        if found.contains(where: { $0.contains("://") }) { return "; the header seems to be missing" }
        return ""
    }
}

extension BatchColumns.Mismatch {
    var message: String {
        switch self {
        case .tooManyCells(let found, let allowed):
            "the row has \(found) cells, the header \(allowed); a cell with a comma or semicolon in it must be quoted"
        case .noURL: "the row has no URL"
        case .tooManyURLs(let found): "the row has \(found) URLs; the limit is \(BatchSheet.maxURLsPerRow)"
        }
    }
}
