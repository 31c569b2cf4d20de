import Imaging
import Jobs
import Rendering
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A renderer in a child` {
    /// Develops with a shell script in the program's place.
    private func render(
        _ script: String, with files: [String: FilePath] = [:], timeout: Duration = .seconds(30)
    ) async throws -> RenderedPicture {
        let plan = try PlanRequest(["transformations": "resize:8x,convert:png"]).plan()
        return try await withChild(running: script) {
            try await ChildRenderer($0).render(
                "in put.jpg", by: plan, with: files, to: "out.png", timeout: timeout
            ) { _ in }
        }
    }

    @Test func `takes the child's word for what it made`() async throws {
        let report = """
            {"done":{"value":{"format":"png","width":8,"height":6,"byteCount":99,"facts":"blurhash=00=a",\
            "seconds":0.5,"decodeSeconds":0.2,"encodeSeconds":0.1}}}
            """
        let picture = try await render("echo '\(report)'")
        #expect(picture.format == .png && picture.size == Size(width: 8, height: 6) && picture.byteCount == 99)
        #expect(picture.facts == [Fact(name: "blurhash", value: "00=a")])
        #expect(picture.stages == StageTimes(decode: .seconds(0.2), encode: .seconds(0.1)))
    }

    @Test func `hands over paths, the plan and the limits, and nothing else of the environment`() async throws {
        let script = #"""
            case "$5" in *'"resize"'*) resize=yes;; esac
            case "$5" in *'"png"'*) png=yes;; esac
            printf '{"failed":{"kind":"undecodable","reason":"%s"}}' "$1|$2|$3|$resize|$png|$MAX_PIXELS|$HOME"
            """#
        await #expect(throws: PictureError.undecodable(reason: "render|in put.jpg|out.png|yes|yes|5|")) {
            _ = try await render(script)
        }
    }

    @Test func `hands over where the files are that the plan names`() async throws {
        let script = #"printf '{"failed":{"kind":"undecodable","reason":"%s"}}' "$6|$7""#
        await #expect(throws: PictureError.undecodable(reason: "--file|logo=/a folder/x=y.png")) {
            _ = try await render(script, with: ["logo": "/a folder/x=y.png"])
        }
    }

    @Test(arguments: ["kill -SEGV $$", "exit 1", "echo nonsense", "kill -KILL $$"])
    func `says that the process died where no report came`(_ script: String) async throws {
        do {
            _ = try await render(script)
            Issue.record("a dead child made a picture")
        } catch PictureError.crashed {}
    }

    @Test func `ends a child that takes too long`() async throws {
        let start = ContinuousClock.now
        await #expect(throws: PictureError.timedOut(after: .milliseconds(200))) {
            _ = try await render("exec sleep 50", timeout: .milliseconds(200))
        }
        #expect(start.duration(to: .now) < .seconds(20))
    }
}
