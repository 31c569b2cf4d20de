import Dispatch
import FoundationEssentials
import Imaging
import Jobs
import Rendering
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(1))) struct `The time limit` {
    private let plan = Result { try PlanRequest(["transformations": "rotate:90"]).plan() }

    @Test func `does not count the time in which others have the memory`() throws {
        let budget = MemoryBudget(byteCount: 20 * 20 * 4)
        let renderer = Renderer(budget: budget)
        let isWaiting = DispatchSemaphore(value: 0)
        let ended = DispatchSemaphore(value: 0)
        let limit = Duration.milliseconds(250)
        try withFiles { source, destination in
            try budget.withBytes(1, checkpoint: {}) {
                Self.onOwnThread {
                    #expect(throws: Never.self) {
                        try renderer.render(source, by: plan.get(), to: destination, within: limit) { _ in
                            isWaiting.signal()
                        }
                    }
                    ended.signal()
                }
                // It asks every 100 ms, so that it has waited for longer than it may work.
                for _ in 0..<4 { isWaiting.wait() }
            }
            ended.wait()
        }
    }

    @Test func `ends what takes longer`() throws {
        try withFiles { source, destination in
            #expect(throws: PictureError.timedOut(after: .zero)) {
                try Renderer().render(source, by: plan.get(), to: destination, within: .zero) { _ in }
            }
        }
    }

    @Test func `is looked at while a picture is enlarged and shrunk again, though few rows go in and come out`() throws
    {
        try withFiles { source, destination in
            let plan = try PlanRequest(["transformations": ["resize:400x2000", "sharpen", "resize:10x10"]]).plan()
            var looks = 0
            _ = try Renderer().render(source, by: plan, to: destination, within: .seconds(60)) { _ in looks += 1 }
            #expect(looks >= 2000 / 16)
        }
    }

    private static func onOwnThread(_ body: @escaping @Sendable () -> Void) {
        DispatchQueue(label: "time limit").async(execute: body)
    }

    private func withFiles(_ body: (_ source: FilePath, _ destination: FilePath) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("time-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = FilePath(folder.path).appending("source.png")
        try Data(SourceFile.photo(.png, 20, 20)).write(to: URL(filePath: source.string))
        try body(source, FilePath(folder.path).appending("result"))
    }
}

@Suite(.timeLimit(.minutes(1))) struct `A thread renderer` {
    @Test(arguments: [(20, true), (300, false)])
    func `hands a small result back in memory, and a large one in its file`(_ side: Int, _ isHeld: Bool) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("threads-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = FilePath(folder.path).appending("source.png")
        try Data(SourceFile.photo(.png, side, side)).write(to: URL(filePath: source.string))
        let destination = FilePath(folder.path).appending("result")
        let engine = ThreadRenderer(Renderer(), slots: 1)

        let plan = try PlanRequest(["transformations": ["flip", "convert:bmp"]]).plan()
        let picture = try await engine.render(
            source, by: plan, with: [:], to: destination, timeout: .seconds(60)
        ) { _ in }

        let expected = try Renderer().file(SourceFile.photo(.png, side, side), ["flip", "convert:bmp"])
        #expect(picture.byteCount == expected.count)
        #expect(FileManager.default.fileExists(atPath: destination.string) != isHeld)
        if isHeld {
            #expect(picture.bytes == .held(expected))
        } else {
            #expect(picture.bytes == .file(destination))
            #expect(try [UInt8](Data(contentsOf: URL(filePath: destination.string))) == expected)
        }
    }
}
