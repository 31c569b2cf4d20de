import Imaging
import Jobs
import Subprocess
package import SystemPackage

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// This program once more, for one picture: what kills the child kills nothing else. Each may use as much memory as the
/// process itself, so that callers take turns.
package struct ChildProcess: Sendable {
    private let executable: FilePath
    private let environment: [String: String]

    /// - Parameters:
    ///   - executable: this program.
    ///   - environment: the limits; the child gets no other variables, and so no credentials.
    package init(executable: FilePath, environment: [String: String]) {
        self.executable = executable
        self.environment = environment
    }

    /// Runs a command with `--report`, and says what it reported.
    ///
    /// - Throws: ``PictureError``, as the child met it or because it died; or `CancellationError`, the child being ended.
    func report<Value: Codable & Sendable>(
        of arguments: [String], limit: Int = 1 << 16, timeout: Duration
    ) async throws -> Value {
        let result = try await within(timeout) {
            try await run(
                .path(executable), arguments: Arguments(arguments + ["--report"]), environment: childEnvironment,
                platformOptions: Self.platformOptions, output: .string(limit: limit), error: .discarded)
        }
        let text = Data(result.standardOutput.utf8)
        guard let report = try? JSONDecoder().decode(ChildReport<Value>.self, from: text) else {
            throw PictureError.crashed(reason: "the process that worked on it ended: \(result.terminationStatus)")
        }
        return try report.get()
    }

    /// A session of its own: Ctrl-C in a terminal asks this process to finish what runs, and must not end it.
    private static var platformOptions: PlatformOptions {
        var options = PlatformOptions()
        options.createSession = true
        return options
    }

    private var childEnvironment: Environment {
        .custom(Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1) }))
    }

    /// Cancels `body`, which ends the child, when the time is up.
    private func within<R: Sendable>(
        _ timeout: Duration, _ body: @escaping @Sendable () async throws -> R
    ) async throws -> R {
        try await withThrowingTaskGroup(of: R.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw PictureError.timedOut(after: timeout)
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }
}

/// What a child says on standard output: how it ended, in one JSON object.
package enum ChildReport<Value: Codable & Sendable>: Codable, Sendable {
    case done(value: Value)
    case failed(kind: ChildFailure, reason: String)

    package init(_ body: () throws -> Value) throws {
        do { self = .done(value: try body()) } catch let error as PictureError { self.init(error) }
    }

    private init(_ error: PictureError) {
        self =
            switch error {
            case .unknownFormat: .failed(kind: .unknownFormat, reason: "")
            case .undecodable(let reason): .failed(kind: .undecodable, reason: reason)
            case .tooManyPixels(let reason): .failed(kind: .tooManyPixels, reason: reason)
            case .unencodable(let reason): .failed(kind: .unencodable, reason: reason)
            case .impossible(let plan): .failed(kind: .impossible, reason: plan.message)
            case .outOfSpace: .failed(kind: .outOfSpace, reason: "")
            case .outOfResources(let reason): .failed(kind: .outOfResources, reason: reason)
            case .timedOut, .crashed, .failed: .failed(kind: .other, reason: "\(error)")
            }
    }

    /// - Throws: ``PictureError``, as the child met it.
    func get() throws(PictureError) -> Value {
        switch self {
        case .done(let value): return value
        case .failed(let kind, let reason):
            switch kind {
            case .unknownFormat: throw .unknownFormat
            case .undecodable: throw .undecodable(reason: reason)
            case .tooManyPixels: throw .tooManyPixels(reason: reason)
            case .unencodable: throw .unencodable(reason: reason)
            case .impossible: throw .impossible(.impossible(parameter: "operations", detail: reason))
            case .outOfSpace: throw .outOfSpace
            case .outOfResources: throw .outOfResources(reason: reason)
            case .other: throw .failed(reason: reason)
            }
        }
    }
}

package enum ChildFailure: String, Codable, Sendable {
    case unknownFormat, undecodable, tooManyPixels, unencodable, impossible, outOfSpace, outOfResources, other
}
