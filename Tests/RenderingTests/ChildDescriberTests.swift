import Foundation
import Imaging
import Jobs
import Rendering
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A describer in a child` {
    private static let limit = Duration.seconds(30)

    @Test func `takes the child's word for what it saw`() async throws {
        let picture = LocalBytes.held(try SourceFile.photo(.png, 40, 30))
        let measures = try await ThreadRenderer(Renderer(limits: Limits()), slots: 1).measure(
            picture, timeout: Self.limit)
        let report = try ChildReport { DescribeReport(measures: measures) }
        let seen = try await withChild(running: "cat report", JSONEncoder().encode(report)) {
            try await ChildDescriber($0).measure(.file("a.png"), timeout: Self.limit)
        }
        #expect(seen == measures)
    }

    @Test func `hands over the path, and asks for a preview where one is wanted`() async throws {
        let report = try ChildReport { DescribeReport(preview: Data([255, 216, 255])) }
        let preview = try await withChild(
            running: #"test "$*" = 'describe in put.jpg --preview --report' && cat report"#,
            JSONEncoder().encode(report)
        ) {
            try await ChildDescriber($0).preview(.file("in put.jpg"), timeout: Self.limit)
        }
        #expect(preview == [255, 216, 255])
    }

    @Test func `says what the child could not read`() async throws {
        let script = #"echo '{"failed":{"kind":"undecodable","reason":"it ends early"}}'"#
        await #expect(throws: PictureError.undecodable(reason: "it ends early")) {
            try await withChild(running: script) {
                _ = try await ChildDescriber($0).measure(.file("a.png"), timeout: Self.limit)
            }
        }
    }

    @Test func `says that the process died where no report came`() async throws {
        do {
            try await withChild(running: "kill -SEGV $$") {
                _ = try await ChildDescriber($0).measure(.file("a.png"), timeout: Self.limit)
            }
            Issue.record("a dead child saw something")
        } catch PictureError.crashed {}
    }
}
