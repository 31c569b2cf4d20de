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

    /// Allows itself as many open files as the system lets it: a shell's 1024 are soon taken by clients that wait.
    ///
    /// - Returns: how many that are.
    static func raiseFileLimit() -> Int {
        var limit = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        guard unsafe getrlimit(resource, &limit) == 0 else { return 1024 }
        var raised = limit
        raised.rlim_cur = min(limit.rlim_max, mostFiles)
        if raised.rlim_cur > limit.rlim_cur, unsafe setrlimit(resource, &raised) == 0 { limit = raised }
        return Int(clamping: limit.rlim_cur)
    }

    /// More would serve nobody; where there is no limit, some systems refuse to be given none.
    private static let mostFiles: rlim_t = 65_536

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
