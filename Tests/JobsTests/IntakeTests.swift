import Imaging
import Jobs
import Testing

@Suite(.timeLimit(.minutes(1))) struct `An intake` {
    @Test func `brings bytes that were lost, or cut off, back with the next upload of them`() async throws {
        try await Workshop.with { workshop in
            let bytes = Array("picture".utf8)
            let first = try await workshop.accept(bytes)
            for harm in [
                { try await workshop.intake.storage.delete(first.blob) },
                { try await workshop.intake.storage.put([UInt8](bytes.prefix(3)), as: first.blob) },
            ] {
                try await harm()
                let second = try await workshop.accept(bytes)
                #expect(second.isDuplicate && second.blob == first.blob)
                #expect(try await workshop.bytes(of: first.blob) == bytes)
            }
        }
    }

    @Test func `takes no job for a file that was deleted, although it knows the file`() async throws {
        try await Workshop.with { workshop in
            let file = try await workshop.accept(Array("picture".utf8))
            try await workshop.intake.delete(file.id)
            let plan = try PlanRequest(["transformations": "flip"]).plan()
            await #expect(throws: JobStoreError.unknown) {
                try await workshop.intake.submit(plan, for: file.id, on: SubmissionTerms(publicURL: "http://localhost"))
            }
        }
    }

    @Test(arguments: ["cancel", "delete"])
    func `rings for the job that takes the place of a canceled one`(_ way: String) async throws {
        try await Workshop.with { workshop in
            let queue = workshop.queue
            // All of one picture and plan, so that the second and the third follow the first.
            let (leader, heir) = (try await workshop.submit("flip"), try await workshop.submit("flip"))
            _ = try await workshop.submit("flip")
            queue.forget()
            if way == "cancel" {
                _ = try await workshop.intake.cancel(leader.id)
            } else {
                try await workshop.intake.delete(#require(leader.source.file))
            }
            #expect(queue.rung == [heir.id])
            queue.forget()
            let last = try await workshop.submit("flop")
            queue.forget()
            _ = try await workshop.intake.cancel(last.id)
            #expect(queue.rung == [])
        }
    }

    @Test(arguments: [0, 1, 65_537]) func `takes bytes from memory as from a file`(_ count: Int) async throws {
        try await Workshop.with { workshop in
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let inFile = try await workshop.scratchFile(bytes)
            let held = ReceivedFile(bytes: .held(bytes), byteCount: count, sha256: inFile.sha256)
            if count == 0 {
                for upload in [inFile, held] {
                    await #expect(throws: IntakeError.emptyFile(name: "a.png")) {
                        try await workshop.intake.accept(upload, named: "a.png")
                    }
                }
                return
            }
            let first = try await workshop.intake.accept(held, named: "a.png")
            let second = try await workshop.intake.accept(inFile, named: "a.png")
            #expect(!first.isDuplicate && second.isDuplicate)
            #expect(try await workshop.bytes(of: second.blob) == bytes)
        }
    }
}
