import DiskBackend
import FoundationEssentials
import Jobs
import SystemPackage
import Testing

@Suite struct `A scratch space` {
    @Test func `collects what is appended, under a name of its own`() async throws {
        try await withTemporaryFolder { folder in
            let scratch = try await DiskScratchSpace(in: folder.appending("scratch"))
            let one = try await scratch.create(suffix: ".png")
            let two = try await scratch.create(suffix: ".png")
            #expect(one.path != two.path)
            #expect(one.path.extension == "png")
            for chunk in [[1, 2], [], [3]] as [[UInt8]] { try await one.append(chunk) }
            try await one.finish([4, 5])
            #expect([UInt8](try Data(contentsOf: URL(filePath: one.path.string))) == [1, 2, 3, 4, 5])
            await #expect(throws: ObjectStorageError.self) { try await one.append([4]) }
        }
    }

    @Test func `removes a file, open or closed, and does not mind one that is gone`() async throws {
        try await withTemporaryFolder { folder in
            let scratch = try await DiskScratchSpace(in: folder)
            let file = try await scratch.create(suffix: "")
            try await file.append([1])
            for _ in 1...2 {
                await file.remove()
                #expect(!FileManager.default.fileExists(atPath: file.path.string))
            }
        }
    }

    @Test func `removes a lent file even where its user was cancelled`() async throws {
        try await withTemporaryFolder { folder in
            let scratch = try await DiskScratchSpace(in: folder)
            let task = Task {
                try await scratch.withFile { file in
                    try await file.append([1])
                    unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                    try Task.checkCancellation()
                }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try files(below: folder) == [])
        }
    }

    @Test func `clears up after the dead, and leaves the living alone`() async throws {
        try await withTemporaryFolder { folder in
            let living = try await DiskScratchSpace(in: folder)
            let kept = try await living.create(suffix: ".kept")
            try await kept.append([1])
            // As a killed process leaves it: a folder that nobody holds.
            let dead = URL(filePath: folder.string).appending(path: UUID().uuidString)
            try FileManager.default.createDirectory(at: dead, withIntermediateDirectories: false)
            try Data([1]).write(to: dead.appending(path: "left.png"))

            let next = try await DiskScratchSpace(in: folder)

            #expect(try files(below: folder) == [kept.path.lastComponent?.string])
            try await kept.append([1])
            _ = try await next.create(suffix: "")
        }
    }

    @Test func `begins although something of the dead cannot be removed`() async throws {
        try await withTemporaryFolder { folder in
            // No scratch file is a folder, so that this one is not taken for one.
            let odd = URL(filePath: folder.string).appending(path: UUID().uuidString).appending(path: "folder")
            try FileManager.default.createDirectory(at: odd, withIntermediateDirectories: true)
            let scratch = try await DiskScratchSpace(in: folder)
            try await scratch.create(suffix: "").finish([1])
            #expect(FileManager.default.fileExists(atPath: odd.path))
        }
    }

    @Test(.enabled(if: SmallDisk.isPossible, "only root may mount a small file system"))
    func `says that the disk is full, and goes on when there is room`() async throws {
        try await SmallDisk.withMounted(megabytes: 2) { disk in
            let scratch = try await DiskScratchSpace(in: disk)
            let large = try await scratch.create(suffix: "")
            await #expect(throws: ObjectStorageError.full) {
                try await large.append([UInt8](repeating: 1, count: 3_000_000))
            }
            await large.remove()
            let small = try await scratch.create(suffix: "")
            try await small.append([UInt8](repeating: 1, count: 1_000_000))
        }
    }

    private func files(below folder: FilePath) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.string).filter { path in
            (try FileManager.default.attributesOfItem(atPath: "\(folder)/\(path)")[.type] as? FileAttributeType)
                == .typeRegular
        }.map { FilePath($0).lastComponent?.string ?? "" }
    }
}
