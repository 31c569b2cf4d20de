import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A bar on standard error, where that is a terminal and there is more than one thing to do; else it says nothing.
final class ProgressBar: Sendable {
    private let total: Int
    private let isShown: Bool
    private let done = Mutex(0)

    init(total: Int) {
        self.total = total
        isShown = total > 1 && isatty(STDERR_FILENO) == 1
    }

    func advance() {
        done.withLock { done in
            done += 1
            draw(done)
        }
    }

    /// Lets `body` write a line of its own where the bar stands.
    func interrupt(_ body: () -> Void) {
        done.withLock { done in
            write("\r\u{1B}[K")
            body()
            done += 1
            draw(done)
        }
    }

    func finish() { done.withLock { _ in write("\r\u{1B}[K") } }

    private func draw(_ done: Int) {
        let width = 40
        let filled = done * width / total
        write(
            "\r[\(String(repeating: "#", count: filled))\(String(repeating: " ", count: width - filled))] \(done)/\(total)"
        )
    }

    private func write(_ text: String) {
        if isShown { _ = try? FileDescriptor.standardError.writeAll(Array(text.utf8)) }
    }
}
