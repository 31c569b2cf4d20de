import Codecs

/// Collects a result for as long as it stays below a size.
final class BoundedBytes: ByteSink {
    /// The result is not smaller than it should be.
    struct Full: Error {}

    private(set) var bytes: [UInt8] = []
    private let limit: Int

    /// - Parameter limit: the first size, in bytes, that is too much.
    init(below limit: Int) { self.limit = limit }

    func write(_ bytes: Span<UInt8>) throws {
        guard self.bytes.count + bytes.count < limit else { throw Full() }
        unsafe bytes.withUnsafeBufferPointer { unsafe self.bytes.append(contentsOf: $0) }
    }
}
