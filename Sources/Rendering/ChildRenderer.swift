package import Imaging
package import Jobs
package import SystemPackage

/// Develops each picture in a process of its own.
package struct ChildRenderer: PictureRenderer {
    private let child: ChildProcess

    package init(_ child: ChildProcess) { self.child = child }

    package func render(
        _ source: FilePath, by plan: Plan, with files: [String: FilePath], to destination: FilePath, timeout: Duration,
        onProgress: @escaping @Sendable (Double) -> Void
    ) async throws -> RenderedPicture {
        let report: RenderReport = try await child.report(
            of: ["render", source.string, destination.string, "--plan", plan.json.text]
                + files.flatMap { ["--file", "\($0)=\($1)"] }, timeout: timeout)
        return try report.picture(in: destination)
    }
}

/// What a child says of a picture that it has developed.
package struct RenderReport: Codable, Sendable, Hashable {
    private let format: String
    private let width, height, byteCount: Int
    private let facts: String
    private let seconds, decodeSeconds, encodeSeconds: Double

    package init(_ picture: RenderedPicture) {
        format = picture.format.rawValue
        (width, height, byteCount) = (picture.size.width, picture.size.height, picture.byteCount)
        facts = picture.facts.text
        seconds = picture.duration.seconds
        (decodeSeconds, encodeSeconds) = (picture.stages.decode.seconds, picture.stages.encode.seconds)
    }

    /// - Parameter file: where the child wrote it.
    fileprivate func picture(in file: FilePath) throws(PictureError) -> RenderedPicture {
        guard let format = ImageFormat(name: format) else { throw .crashed(reason: "unknown format \(format)") }
        return RenderedPicture(
            format: format, size: Size(width: width, height: height), bytes: .file(file), byteCount: byteCount,
            duration: .seconds(seconds),
            stages: StageTimes(decode: .seconds(decodeSeconds), encode: .seconds(encodeSeconds)),
            facts: [Fact](text: facts))
    }
}
