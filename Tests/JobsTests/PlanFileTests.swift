import Foundation
import Imaging
import Jobs
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A file that a plan names` {
    private static let terms = SubmissionTerms(publicURL: "http://localhost")

    private static func plan(naming name: String) throws -> Plan {
        try PlanRequest(["transformations": .string("watermark:\(name)")]).plan()
    }

    /// Uploads the picture and submits a plan for it that names a file.
    private static func submit(naming name: String, to workshop: Workshop) async throws -> Job {
        let picture = try await workshop.accept(Array("picture".utf8))
        return try await workshop.intake.submit(plan(naming: name), for: picture.id, on: terms).job
    }

    @Test func `comes to the renderer with the picture`() async throws {
        try await Workshop.with { workshop in
            let mark = try await workshop.accept(Array("mark".utf8))
            let job = try await Self.submit(naming: "\(mark.id)", to: workshop)
            try await workshop.whileProcessing {
                let done = try await workshop.final(job.id)
                #expect(done.state == .done)
            }
            #expect(workshop.renderer.filesSeen == ["\(mark.id)": Array("mark".utf8)])
        }
    }

    @Test func `may be the picture itself, and may be spelled in capitals`() async throws {
        try await Workshop.with { workshop in
            let picture = try await workshop.accept(Array("picture".utf8))
            let name = "\(picture.id)".uppercased()
            let job = try await workshop.intake.submit(Self.plan(naming: name), for: picture.id, on: Self.terms).job
            try await workshop.whileProcessing {
                let done = try await workshop.final(job.id)
                #expect(done.state == .done)
            }
            #expect(workshop.renderer.filesSeen == [name: Array("picture".utf8)])
        }
    }

    @Test func `comes to the child after a crash, and to a job that fetches its picture`() async throws {
        try await Workshop.with { workshop in
            let mark = try await workshop.accept(Array("mark".utf8))
            let crashed = try await Self.submit(naming: "\(mark.id)", to: workshop)
            try await workshop.claimAndDie()
            try await workshop.reconciler.reclaim()
            let fetched = try await workshop.intake.submit(
                Self.plan(naming: "\(mark.id)"), forPictureAt: SourceURL("https://pictures.example/1.png"),
                on: Self.terms
            ).job
            try await workshop.whileProcessing {
                for job in [crashed, fetched] {
                    let done = try await workshop.final(job.id)
                    #expect(done.state == .done)
                }
            }
            #expect(workshop.isolated.filesSeen == ["\(mark.id)": Array("mark".utf8)])
            #expect(workshop.renderer.filesSeen == ["\(mark.id)": Array("mark".utf8)])
        }
    }

    @Test(arguments: ["logo", "01989c6f-5d3a-7c1e-9b52-0f4d6a8e2b71"])
    func `that is not there is refused at once, whatever the picture comes from`(_ name: String) async throws {
        try await Workshop.with { workshop in
            let picture = try await workshop.accept(Array("picture".utf8))
            let plan = try Self.plan(naming: name)
            let refusal = PlanFileError(parameter: "file_id", name: name, reason: .unknown)
            let entry = BatchEntry(
                line: 2, serialNumber: "", productName: "", url: "https://shop.example/1.png", failure: nil)
            await #expect(throws: refusal) {
                try await workshop.intake.submit(plan, for: picture.id, on: Self.terms)
            }
            await #expect(throws: refusal) {
                try await workshop.intake.submit(
                    plan, forPictureAt: SourceURL("https://shop.example/1.png"), on: Self.terms)
            }
            await #expect(throws: refusal) {
                try await workshop.intake.submit([entry], plan: plan, on: Self.terms)
            }
            await #expect(throws: refusal) {
                try await workshop.intake.previewOrder(for: picture.id, by: plan, side: 64)
            }
            #expect(try await workshop.intake.store.jobs(JobFilter(), after: nil, limit: 10).isEmpty)
            #expect(try await workshop.intake.store.batches(after: nil, limit: 10).isEmpty)
        }
    }

    @Test func `whose time is over is refused as that`() async throws {
        try await Workshop.with { workshop in
            let mark = try await workshop.acceptForNow(Array("mark".utf8))
            try await workshop.expireFiles()
            await #expect(throws: PlanFileError(parameter: "file_id", name: "\(mark.id)", reason: .expired)) {
                _ = try await Self.submit(naming: "\(mark.id)", to: workshop)
            }
        }
    }

    enum Loss: CaseIterable { case deleted, expired, bytesGone }

    /// Not tried again: the file will not come back.
    @Test(arguments: Loss.allCases)
    func `that goes before the job is worked on ends it, and its followers`(_ loss: Loss) async throws {
        try await Workshop.with { workshop in
            let mark = try await workshop.acceptForNow(Array("mark".utf8))
            let job = try await Self.submit(naming: "\(mark.id)", to: workshop)
            let follower = try await Self.submit(naming: "\(mark.id)", to: workshop)
            switch loss {
            case .deleted: try await workshop.intake.delete(mark.id)
            case .expired: try await workshop.expireFiles()
            case .bytesGone: try await workshop.intake.storage.delete(mark.blob)
            }
            try await workshop.whileProcessing {
                for id in [job.id, follower.id] {
                    let failed = try await workshop.final(id)
                    #expect(failed.state == .failed && failed.attempts == 0)
                    #expect(failed.failure?.code == "expired" && failed.failure?.isRetryable == false)
                    #expect(failed.failure?.message.hasPrefix("file_id is “\(mark.id)”") == true)
                }
            }
            // That bytes are not there shows when they are wanted.
            if loss != .bytesGone { #expect(workshop.renderer.count == 0) }
        }
    }

    @Test func `counts in the cache by its bytes, not by its id`() async throws {
        try await Workshop.with { workshop in
            let mark = try await workshop.accept(Array("mark".utf8))
            let twin = try await workshop.accept(Array("mark".utf8))
            let other = try await workshop.accept(Array("another".utf8))
            #expect(mark.id != twin.id)
            let first = try await Self.submit(naming: "\(mark.id)", to: workshop)
            try await workshop.whileProcessing { _ = try await workshop.final(first.id) }
            let second = try await Self.submit(naming: "\(twin.id)", to: workshop)
            #expect(second.state == .done && second.isCached)
            #expect(second.plan?.files.map(\.name) == ["\(twin.id)"])
            #expect(try await Self.submit(naming: "\(other.id)", to: workshop).state == .queued)
        }
    }
}

extension Workshop {
    /// Takes in a file whose time is over as soon as somebody looks.
    fileprivate func acceptForNow(_ bytes: [UInt8]) async throws -> StoredFile {
        let (id, received) = (FileID(at: .now), try await scratchFile(bytes))
        let blob = BlobKey.original(id)
        try await intake.storage.put(received.bytes, as: blob)
        return try await intake.store.insert(
            StoredFile(
                id: id, name: "mark.png", format: .png, size: Size(width: 10, height: 10), byteCount: bytes.count,
                sha256: received.sha256, blob: blob, createdAt: .now, expiresAt: .now))
    }

    /// Looks.
    fileprivate func expireFiles() async throws {
        _ = try await intake.store.expire(forgetting: Timestamp(milliseconds: 0), limit: 100)
    }
}
