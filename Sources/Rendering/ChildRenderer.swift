package import Imaging
package import Jobs
import Subprocess
package import SystemPackage

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Develops each picture in a process of its own, so that a picture that kills its process kills nothing else.
package struct ChildRenderer: PictureRenderer {
    private let executable: FilePath
    private let environment: [String: String]
    /// One child at a time: each may use as much memory as the process itself.
    private let turns = Turns()

    /// - Parameters:
    ///   - executable: this program, whose `render` command the child runs.
    ///   - environment: the limits; the child gets no other variables, and so no credentials.
    package init(executable: FilePath, environment: [String: String]) {
        self.executable = executable
        self.environment = environment
    }

    package func render(
        _ source: FilePath, by plan: Plan, to destination: FilePath, timeout: Duration,
        onProgress: @escaping @Sendable (Double) -> Void
    ) async throws -> RenderedPicture {
        let arguments = ["render", source.string, destination.string, "--plan", plan.json.text, "--report"]
        let result = try await turns.take {
            try await within(timeout) {
                try await run(
                    .path(executable), arguments: Arguments(arguments), environment: childEnvironment,
                    output: .string(limit: 1 << 16), error: .discarded)
            }
        }
        guard let report = try? JSONDecoder().decode(RenderReport.self, from: Data(result.standardOutput.utf8)) else {
            throw PictureError.crashed(reason: "the process that developed it ended: \(result.terminationStatus)")
        }
        return try report.picture(in: destination)
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
package enum RenderReport: Codable, Sendable, Hashable {
    case done(format: String, width: Int, height: Int, byteCount: Int, seconds: Double)
    case failed(kind: Kind, reason: String)

    package enum Kind: String, Codable, Sendable {
        case unknownFormat, undecodable, tooManyPixels, unencodable, outOfSpace, other
    }

    package init(_ picture: RenderedPicture) {
        self = .done(
            format: picture.format.rawValue, width: picture.size.width, height: picture.size.height,
            byteCount: picture.byteCount, seconds: picture.duration.seconds)
    }

    package init(_ error: PictureError) {
        self =
            switch error {
            case .unknownFormat: .failed(kind: .unknownFormat, reason: "")
            case .undecodable(let reason): .failed(kind: .undecodable, reason: reason)
            case .tooManyPixels(let reason): .failed(kind: .tooManyPixels, reason: reason)
            case .unencodable(let reason): .failed(kind: .unencodable, reason: reason)
            // A plan is checked against the picture's size when it is submitted, so this says that the picture lied.
            case .impossible(let plan): .failed(kind: .undecodable, reason: "\(plan)")
            case .outOfSpace: .failed(kind: .outOfSpace, reason: "")
            case .timedOut, .crashed, .failed: .failed(kind: .other, reason: "\(error)")
            }
    }

    /// - Parameter file: where the child wrote it.
    /// - Throws: ``PictureError``, as the child met it.
    package func picture(in file: FilePath) throws(PictureError) -> RenderedPicture {
        switch self {
        case .done(let name, let width, let height, let byteCount, let seconds):
            guard let format = ImageFormat(name: name) else { throw .crashed(reason: "unknown format \(name)") }
            return RenderedPicture(
                format: format, size: Size(width: width, height: height), bytes: .file(file), byteCount: byteCount,
                duration: .seconds(seconds))
        case .failed(let kind, let reason):
            switch kind {
            case .unknownFormat: throw .unknownFormat
            case .undecodable: throw .undecodable(reason: reason)
            case .tooManyPixels: throw .tooManyPixels(reason: reason)
            case .unencodable: throw .unencodable(reason: reason)
            case .outOfSpace: throw .outOfSpace
            case .other: throw .failed(reason: reason)
            }
        }
    }
}
