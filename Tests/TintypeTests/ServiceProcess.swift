import Foundation
import Synchronization
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The built program, running as a user would run it, in a folder and on a port of its own.
final class ServiceProcess: Sendable {
    let folder: URL
    let url: URL
    let pid: pid_t
    private let exit: Task<Int32, Never>

    /// Starts `tintype` and waits until it prints its URL.
    ///
    /// - Parameter folder: an earlier process's, to find its data again.
    init(_ arguments: [String] = ["serve"], in folder: URL, environment: [String: String] = [:]) async throws {
        let started = try Program.start(
            arguments, in: folder,
            environment: ["HOST": "127.0.0.1", "PORT": "0", "LOG_LEVEL": "warning"].merging(environment) { $1 })
        self.folder = folder
        pid = started.process.processIdentifier
        exit = started.exit
        var printed = ""
        for await piece in Program.pieces(of: started.output) {
            printed += piece
            if printed.contains("\n"), let word = printed.split(whereSeparator: \.isWhitespace).last,
                let url = URL(string: String(word))
            {
                self.url = url
                return
            }
        }
        throw Unexpected("the program ended with \(await exit.value) and printed no URL")
    }

    /// Sends a signal and waits for the end.
    func stop(_ signal: Int32 = SIGTERM) async -> Int32 {
        kill(pid, signal)
        return await exit.value
    }

    /// Runs `body` beside a fresh process, which is killed however the test ends.
    static func with<R>(
        _ arguments: [String] = ["serve"], environment: [String: String] = [:],
        _ body: (ServiceProcess) async throws -> R
    ) async throws -> R {
        try await Program.withFolder { folder in
            let service = try await ServiceProcess(arguments, in: folder, environment: environment)
            do {
                let result = try await body(service)
                _ = await service.stop(SIGKILL)
                return result
            } catch {
                _ = await service.stop(SIGKILL)
                throw error
            }
        }
    }
}

/// The built binary beside the tests.
enum Program {
    static let path: URL = {
        // The test bundle lies in the folder that the build puts programs in.
        let bundle = Bundle.allBundles.map(\.bundleURL) + [Bundle.main.bundleURL]
        let folders = bundle.flatMap { [$0, $0.deletingLastPathComponent()] }
        return folders.map { $0.appendingPathComponent("tintype") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) } ?? URL(fileURLWithPath: "tintype")
    }()

    struct Started {
        let process: Process
        let output: FileHandle
        let exit: Task<Int32, Never>
    }

    static func start(_ arguments: [String], in folder: URL, environment: [String: String]) throws -> Started {
        let process = Process()
        let output = Pipe()
        process.executableURL = path
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = environment
        process.standardOutput = output
        let (ended, continuation) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            continuation.yield(process.terminationStatus)
            continuation.finish()
        }
        try process.runAlone()
        // Awaited by whoever stops the process; it ends with the process.
        let exit = Task { await ended.first { _ in true } ?? -1 }
        return Started(process: process, output: output.fileHandleForReading, exit: exit)
    }

    /// What the program prints, as it prints it.
    static func pieces(of output: FileHandle) -> AsyncStream<String> {
        AsyncStream { continuation in
            // A thread of its own, as reading blocks; it ends with the program.
            Thread.detachNewThread {
                while case let bytes = output.availableData, !bytes.isEmpty {
                    continuation.yield(String(decoding: bytes, as: UTF8.self))
                }
                continuation.finish()
            }
        }
    }

    /// Runs the program to its end. One that should end and does not is killed, which its exit code, 9, tells.
    static func run(
        _ arguments: [String], in folder: URL, environment: [String: String] = [:]
    ) async throws -> (exitCode: Int32, output: String, errors: String) {
        let process = Process()
        let (output, errors) = (Pipe(), Pipe())
        process.executableURL = path
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = environment
        process.standardOutput = output
        process.standardError = errors
        try process.runAlone()
        let killing = DispatchWorkItem { [pid = process.processIdentifier] in kill(pid, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + 45, execute: killing)
        defer { killing.cancel() }
        // Short answers: both fit into a pipe, so reading one after the other cannot block the program.
        let texts = [output, errors].map { pipe in
            String(decoding: (try? pipe.fileHandleForReading.readToEnd()) ?? Data(), as: UTF8.self)
        }
        process.waitUntilExit()
        return (process.terminationStatus, texts[0], texts[1])
    }

    static func withFolder<R>(_ body: (URL) async throws -> R) async throws -> R {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tintype-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder)
    }
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension Process {
    /// Foundation's `run` has crashed where several threads were in it at once.
    func runAlone() throws { try Self.starting.withLock { _ in try self.run() } }

    private static let starting = Mutex(())
}
