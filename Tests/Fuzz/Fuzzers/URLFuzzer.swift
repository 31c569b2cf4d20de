import Jobs

/// A URL that is taken can be printed and read again, and is the same one then; so is what a redirect makes of it.
enum URLFuzzer: Fuzzer {
    static let name = "url"

    static let seeds = [text("HTTPS://Host.example.:8443/a/../b%2F?c=d#e"), text("http://[::1]:80/")]

    static func feed(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        if let url = try? SourceURL(text) { check(url) }
        if let url = try? SourceURL("https://host.example:8443/a/b?c").resolving(text) { check(url) }
    }
}

private func check(_ url: SourceURL) {
    let text = url.description
    precondition(text.utf8.count <= SourceURL.limit)
    do {
        let again = try SourceURL(text)
        guard again == url, again.description == text else { fatalError("\(text) is read as \(again)") }
    } catch {
        fatalError("\(text) is taken, but not as it is printed: \(error)")
    }
}
