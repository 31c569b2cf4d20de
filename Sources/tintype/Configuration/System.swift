import SystemPackage

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

/// What the machine gives this process.
enum System {
    /// Cores that it may run on.
    static var coreCount: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

    /// This program's own file.
    static var executable: FilePath {
        #if os(Linux)
            if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
                return FilePath(path)
            }
        #endif
        return FilePath(CommandLine.arguments[0])
    }

    static var hostName: String { ProcessInfo.processInfo.hostName }

    /// Bytes of memory that it may use: the control group's limit, or the machine's memory.
    static var memoryLimit: Int {
        let files = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        let limits = files.compactMap { path -> Int? in
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
            return Int(text.filter { !$0.isWhitespace })
        }
        return ([Int(clamping: ProcessInfo.processInfo.physicalMemory)] + limits).min() ?? 1 << 30
    }
}
