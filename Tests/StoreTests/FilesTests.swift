import Imaging
import Jobs
import Testing

@Suite struct `Files in a job store` {
    @Test(arguments: Backend.allCases)
    func `a file is read back as it was recorded`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            var file = scene.upload()
            file.name = "Ünï 🐈' OR 1=1; --\0.png"
            let stored = try await scene.store.insert(file)
            #expect(stored == file)
            #expect(try await scene.store.file(file.id) == file)
        }
    }

    @Test(arguments: Backend.allCases)
    func `a second file of the same bytes shares the first one's blob`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let first = try await scene.insert()
            let second = scene.upload()
            let stored = try await scene.store.insert(second)
            #expect(stored.isDuplicate)
            #expect(stored.blob == first.blob)
            #expect(stored.id == second.id)
            #expect(try await scene.store.unknownBlobs(among: [first.blob, second.blob]) == [second.blob])
        }
    }

    @Test(arguments: Backend.allCases)
    func `bytes stay until the last file that uses them is deleted`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let first = try await scene.insert()
            let second = try await scene.insert()
            _ = try await scene.store.deleteFile(first.id)
            #expect(try await scene.store.doomedBlobs(limit: 10) == [])
            _ = try await scene.store.deleteFile(second.id)
            #expect(try await scene.store.doomedBlobs(limit: 10) == [first.blob])
        }
    }

    @Test(arguments: Backend.allCases)
    func `a doomed blob is never referred to again`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let first = try await scene.insert()
            _ = try await scene.store.deleteFile(first.id)
            let second = try await scene.insert()
            #expect(!second.isDuplicate)
            #expect(second.blob != first.blob)
            #expect(try await scene.store.doomedBlobs(limit: 10) == [first.blob])
            // A doomed blob is not unknown: its bytes are the sweeper's until it says that they are gone.
            #expect(try await scene.store.unknownBlobs(among: [first.blob]) == [])
            try await scene.store.forgetBlobs([first.blob])
            #expect(try await scene.store.doomedBlobs(limit: 10) == [])
            #expect(try await scene.store.unknownBlobs(among: [first.blob]) == [first.blob])
        }
    }

    @Test(arguments: Backend.allCases)
    func `files are listed newest first, in pages`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            var ids: [FileID] = []
            for index in 0..<5 {
                ids.insert(try await scene.insert("\(index)").id, at: 0)
                scene.clock.advance(by: .milliseconds(index))
            }
            let first = try await scene.store.files(after: nil, limit: 2)
            let second = try await scene.store.files(after: first.last?.id, limit: 2)
            let third = try await scene.store.files(after: second.last?.id, limit: 2)
            #expect((first + second + third).map(\.id) == ids)
            #expect(third.count == 1)
            _ = try await scene.store.deleteFile(ids[0])
            #expect(try await scene.store.files(after: nil, limit: 10).map(\.id) == Array(ids.dropFirst()))
        }
    }

    @Test(arguments: Backend.allCases)
    func `deleting a file cancels its unfinished jobs and takes the others with it`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let done = try await scene.submit(file, quality: 1)
            try await scene.finish(scene.claim())
            let failed = try await scene.submit(file, quality: 2)
            try await scene.fail(scene.claim())
            let running = try await scene.submit(file, quality: 3)
            let claim = try await scene.claim()
            let queued = try await scene.submit(file, quality: 4)
            let follower = try await scene.submit(file, quality: 4)

            let (canceled, heirs) = try await scene.store.deleteFile(file.id)

            #expect(heirs == [])
            #expect(canceled == [running.id, queued.id, follower.id].sorted())
            for job in [running, queued, follower] { #expect(try await scene.state(job) == .canceled) }
            for job in [done, failed] {
                await #expect(throws: JobStoreError.unknown) { try await scene.store.job(job.id) }
            }
            await #expect(throws: JobStoreError.unknown) { try await scene.store.file(file.id) }
            await #expect(throws: JobStoreError.unknown) { try await scene.store.deleteFile(file.id) }
            await #expect(throws: JobStoreError.claimLost(running.id)) { try await scene.finish(claim) }
            #expect(try await scene.readyIDs() == [])
            #expect(try await scene.store.doomedBlobs(limit: 10).count == 2)
        }
    }

    @Test(arguments: Backend.allCases)
    func `a deleted file's results are no longer in the cache`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let twin = try await scene.insert()
            try await scene.submit(file)
            try await scene.finish(scene.claim())
            _ = try await scene.store.deleteFile(file.id)
            #expect(try await scene.submit(twin).state == .queued)
        }
    }

    @Test(arguments: Backend.allCases)
    func `a result whose bytes were lost is no longer in the cache, and another takes its place`(
        _ backend: Backend
    ) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let first = try await scene.submit(file)
            try await scene.finish(scene.claim())
            let cached = try await scene.submit(file)
            try await scene.store.uncacheResult(of: cached)
            #expect(try await scene.submit(file).state == .queued)
            let claim = try await scene.claim()
            try await scene.finish(claim)
            // Said again, it is not meant for the result that is there now.
            try await scene.store.uncacheResult(of: scene.store.job(first.id))
            #expect(try await scene.submit(file).result == scene.result(of: claim))
            // Whoever had the first still has it.
            #expect(try await scene.store.job(cached.id).result == cached.result)
            _ = try await scene.store.deleteFile(file.id)
            #expect(try await scene.store.doomedBlobs(limit: 10).count == 3)
        }
    }

    @Test(arguments: Backend.allCases)
    func `what was never there is unknown`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            await #expect(throws: JobStoreError.unknown) { try await scene.store.file(FileID()) }
            await #expect(throws: JobStoreError.unknown) { try await scene.store.deleteFile(FileID()) }
            await #expect(throws: JobStoreError.unknown) { try await scene.store.job(JobID()) }
            await #expect(throws: JobStoreError.unknown) { try await scene.store.cancel(JobID(), expiresAt: .now) }
            await #expect(throws: JobStoreError.unknown) { try await scene.store.retryFailed(JobID()) }
            let key = BlobKey(rawValue: "originals/00/nobody")
            let unknown = try await scene.store.unknownBlobs(among: [key])
            #expect(unknown == [key])
        }
    }
}
