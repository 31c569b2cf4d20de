package import Jobs
import SystemPackage

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Looks at each picture in a process of its own.
package struct ChildDescriber: PictureDescriber {
    private let child: ChildProcess

    /// Of what a child says: a preview of a million pixels has a few hundred kilobytes.
    private static let limit = 16 << 20

    package init(_ child: ChildProcess) { self.child = child }

    package func measure(_ source: LocalBytes, timeout: Duration) async throws -> PictureMeasures {
        guard let measures = try await report(of: source, [], timeout).measures else {
            throw PictureError.failed(reason: "the child said nothing of the picture")
        }
        return measures
    }

    package func preview(_ source: LocalBytes, timeout: Duration) async throws -> [UInt8] {
        [UInt8](try await report(of: source, ["--preview"], timeout).preview ?? Data())
    }

    private func report(of source: LocalBytes, _ options: [String], _ timeout: Duration) async throws -> DescribeReport
    {
        guard case .file(let path) = source else {
            throw PictureError.failed(reason: "a child describes files, not bytes that are held")
        }
        return try await child.report(of: ["describe", path.string] + options, limit: Self.limit, timeout: timeout)
    }
}

/// What a child says of a picture that it has looked at.
package struct DescribeReport: Codable, Sendable {
    package let measures: PictureMeasures?
    /// A JPEG, where one was asked for in the place of the measures.
    package let preview: Data?

    package init(measures: PictureMeasures? = nil, preview: Data? = nil) {
        self.measures = measures
        self.preview = preview
    }
}
