/// Lends texts as C has them: an array of addresses, each of bytes that end with a zero. `nil` is an address of nothing.
func withCStrings<R>(
    _ texts: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) throws -> R
) rethrows -> R {
    var bytes: [CChar] = []
    var starts: [Int?] = []
    for text in texts {
        guard let text else {
            starts.append(nil)
            continue
        }
        starts.append(bytes.count)
        bytes.append(contentsOf: text.utf8.lazy.map(CChar.init(bitPattern:)))
        bytes.append(0)
    }
    return try unsafe bytes.withUnsafeBufferPointer { bytes in
        let addresses = unsafe starts.map { start in
            unsafe start.flatMap { start in unsafe bytes.baseAddress?.advanced(by: start) }
        }
        return try unsafe addresses.withUnsafeBufferPointer { addresses in try unsafe body(addresses.baseAddress) }
    }
}
