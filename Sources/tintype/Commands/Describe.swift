import ArgumentParser
import Codecs
import Jobs
import Rendering
import SystemPackage

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What can be measured on a local file, without a server.
struct Describe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says what can be measured on local files: size, colours, camera, sharpness and more.",
        discussion: """
            Exit codes: 0 all described, 64 the command line, 65 a picture that cannot be read, 74 a file that cannot.
            """)

    @Argument(help: "Pictures.")
    var paths: [String]

    @Flag(help: "Prints an object of JSON for each picture, a line each.")
    var json = false

    @Flag(help: .hidden)
    var report = false

    @Flag(help: .hidden)
    var preview = false

    func run() async throws {
        let configuration = try await Exit.onConfigurationError {
            try await Configuration.load(from: report ? nil : ".env")
        }
        let renderer = configuration.renderer
        if report {
            return try reportOne(renderer, configuration.chaos, timeout: configuration.value(of: Settings.jobTimeout))
        }
        var exitCode: Int32 = 0
        for path in paths {
            do {
                let description = Description(of: try Self.measures(of: FilePath(path), renderer))
                let title = paths.count > 1 ? "\(path)\n" : ""
                print(json ? String(decoding: try description.json, as: UTF8.self) : title + description.text)
            } catch {
                let failure = LocalWork.Failure(error)
                Exit.say("\(path): \(failure.message)")
                exitCode = max(exitCode, failure.exitCode)
            }
        }
        if exitCode != 0 { throw ExitCode(exitCode) }
    }

    private static func measures(of path: FilePath, _ renderer: Renderer) throws -> PictureMeasures {
        try PictureError.translating { try renderer.measure(EncodedImage(path: path.string)) { _ in } }
    }

    /// As the child of a worker: one picture.
    ///
    /// - Parameter timeout: in seconds.
    private func reportOne(_ renderer: Renderer, _ chaos: Chaos?, timeout: Int) throws {
        guard let path = paths.first.map({ FilePath($0) }) else { return }
        try ChildReport.printing(within: timeout) {
            if !preview { chaos?.maybeCrash(over: path) }
            return try PictureError.translating {
                preview
                    ? DescribeReport(preview: Data(try renderer.preview(EncodedImage(path: path.string)) { _ in }))
                    : DescribeReport(measures: try Self.measures(of: path, renderer))
            }
        }
    }
}
