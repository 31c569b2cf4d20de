import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the system says about this process.
enum ProcessFigures {
    /// Memory that is there and not swapped out, in bytes; `nil` where there is no `/proc`.
    static var residentBytes: Int? {
        // proc(5), statm: the second number is the resident set, in pages.
        guard let text = contents(of: "/proc/self/statm") else { return nil }
        let words = text.split(separator: " ")
        guard words.count > 1, let pages = Int(words[1]) else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Processor time in user and kernel mode, in seconds.
    static var processorSeconds: Double? {
        // proc(5), stat: fields 14 and 15, in clock ticks. The second field is a name in parentheses, and may hold anything.
        guard let text = contents(of: "/proc/self/stat"), let close = text.lastIndex(of: ")") else { return nil }
        let words = text[text.index(after: close)...].split(separator: " ")
        guard words.count > 12, let user = Double(words[11]), let system = Double(words[12]) else { return nil }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Descriptors that are open.
    static var openDescriptors: Int? {
        guard let directory = unsafe opendir("/proc/self/fd") else { return nil }
        defer { unsafe closedir(directory) }
        var count = 0
        while unsafe readdir(directory) != nil { count += 1 }
        // Itself, `.` and `..`.
        return count - 3
    }

    /// A small file of the system's, whole.
    private static func contents(of path: FilePath) -> String? {
        guard let file = try? FileDescriptor.open(path, .readOnly) else { return nil }
        let text = try? file.closeAfter {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = try unsafe bytes.withUnsafeMutableBytes { buffer in try unsafe file.read(into: buffer) }
            return String(decoding: bytes.prefix(count), as: UTF8.self)
        }
        return text
    }
}
