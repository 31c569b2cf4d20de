import Rendering

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension ChildReport {
    /// As the child of a worker: does one thing, and prints a line of JSON that says how it ended.
    ///
    /// - Parameter timeout: how long the worker waits, in seconds.
    static func printing(within timeout: Int, _ body: () throws -> Value) throws {
        // The worker may be gone itself: nobody else would end a child that hangs.
        _ = alarm(UInt32(clamping: timeout + 5))
        print(String(decoding: try JSONEncoder().encode(ChildReport(body)), as: UTF8.self))
    }
}
