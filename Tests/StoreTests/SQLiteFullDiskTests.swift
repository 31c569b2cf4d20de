import FoundationEssentials
import Jobs
import SQLBackend
import SQLiteBackend
import SystemPackage
import Testing

@Suite(.enabled(if: SmallDisk.isPossible, "only root may mount a small file system"))
struct `A SQLite store on a full disk` {
    @Test func `says so, loses nothing that it answered, and goes on when there is room`() async throws {
        try await SmallDisk.withMounted(megabytes: 4) { folder in
            let ballast = folder.appending("ballast").string
            try Data(count: 1 << 20).write(to: URL(filePath: ballast))
            let database = try await SQLiteDatabase(path: folder.appending("store.db").string)
            let scene = Scene(store: try await SQLJobStore(database), clock: TestClock())

            // Many at once, so that some share a commit with the one that does not fit.
            var answered: [FileID] = []
            var isFull = false
            while !isFull {
                let begin = answered.count
                let outcomes = await withTaskGroup { group in
                    for index in 0..<16 {
                        group.addTask { await Result { try await scene.insert("\(begin) \(index)").id } }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                for outcome in outcomes {
                    switch outcome {
                    case .success(let id): answered.append(id)
                    case .failure(let error):
                        #expect(error as? JobStoreError == .full)
                        isFull = true
                    }
                }
            }
            for id in answered { _ = try await scene.store.file(id) }

            try FileManager.default.removeItem(atPath: ballast)
            let late = try await scene.insert("there is room")
            #expect(try await scene.store.file(late.id) == late)
            for id in answered { _ = try await scene.store.file(id) }
            try await expectCountsToAddUp(in: database)
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
