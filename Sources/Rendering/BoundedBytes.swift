import Codecs

/// Collects a result for as long as it stays below a size.
final class BoundedBytes: ByteSink {
    /// `nil` once it is not smaller than it should be.
    private(set) var bytes: [UInt8]? = []
    private let limit: Int

    /// - Parameter limit: the first size, in bytes, that is too much.
    init(below limit: Int) { self.limit = limit }

    func write(_ more: Span<UInt8>) {
        guard let count = bytes?.count, count + more.count < limit else {
            bytes = nil
            return
        }
        unsafe more.withUnsafeBufferPointer { unsafe bytes?.append(contentsOf: $0) }
    }
}
