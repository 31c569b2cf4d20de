import Imaging
import Jobs
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A picture at a URL` {
    private static func submit(to workshop: Workshop) async throws -> Job {
        let plan = try PlanRequest(["transformations": "flip"]).plan()
        let url = try SourceURL("https://pictures.example/cat.png")
        return try await workshop.intake.submit(
            plan, forPictureAt: url, on: SubmissionTerms(publicURL: "http://localhost")
        ).job
    }

    @Test func `is developed like one that was uploaded`() async throws {
        try await Workshop.with { workshop in
            let job = try await Self.submit(to: workshop)
            try await workshop.whileProcessing {
                let done = try await workshop.intake.job(job.id, waiting: .seconds(20)) { $0.state.isFinal }
                let result = try #require(done.result)
                #expect(
                    try await workshop.bytes(of: result.blob) == Workshop.developed(try #require(job.plan)))
            }
        }
    }

    @Test func `is fetched once for those of a batch that name it, two hundred at a time`() async throws {
        try await Workshop.with { workshop in
            let plan = try PlanRequest(["transformations": "flip"]).plan()
            let entries = (1...401).map {
                BatchEntry(
                    line: $0 + 1, serialNumber: "", productName: "", url: "https://shop.example/1.png", failure: nil)
            }
            let batch = try await workshop.intake.submit(
                entries, plan: plan, on: SubmissionTerms(publicURL: "http://localhost")
            ).batch
            try await workshop.whileProcessing {
                let end = try await workshop.intake.batch(batch.id, waiting: .seconds(50)) { $0.isComplete }
                #expect(end.done == 401)
            }
            #expect(workshop.renderer.count == 3)
        }
    }

    @Test func `keeps no upload waiting while its server is silent`() async throws {
        try await Workshop.with { workshop in
            workshop.fetcher.fallSilent(at: "silent.example")
            let plan = try PlanRequest(["transformations": "flip"]).plan()
            let terms = SubmissionTerms(publicURL: "http://localhost")
            for number in 1...10 {
                let url = try SourceURL("https://silent.example/\(number).png")
                _ = try await workshop.intake.submit(plan, forPictureAt: url, on: terms)
            }
            try await workshop.whileProcessing {
                while workshop.fetcher.waitingCount < 10 { try await Task.sleep(for: .milliseconds(10)) }
                let job = try await workshop.submit("flip")
                let done = try await workshop.final(job.id)
                #expect(done.state == .done)
            }
        }
    }

    @Test func `is asked for again after an answer that may change`() async throws {
        try await Workshop.with { workshop in
            workshop.fetcher.answer(
                .failure(.status(503, retryAfter: nil)), .failure(.timedOut), .failure(.unreachable(reason: "no")))
            let job = try await Self.submit(to: workshop)
            try await workshop.whileProcessing {
                let done = try await workshop.intake.job(job.id, waiting: .seconds(20)) { $0.state.isFinal }
                #expect((done.state, done.attempts) == (.done, 3))
            }
        }
    }

    @Test(arguments: [
        (FetchError.status(404, retryAfter: nil), "fetch_failed", "404"),
        (.forbidden, "forbidden_url", "not allowed"),
        (.tooLarge(limit: 1000), "file_too_large", "1000 bytes"),
        (.tooManyRedirects(limit: 3), "fetch_failed", "3"),
    ])
    func `that cannot be had ends its job with the reason`(
        _ error: FetchError, _ code: String, _ words: String
    ) async throws {
        try await Workshop.with { workshop in
            workshop.fetcher.answer(.failure(error))
            let job = try await Self.submit(to: workshop)
            try await workshop.whileProcessing {
                let failed = try await workshop.intake.job(job.id, waiting: .seconds(20)) { $0.state.isFinal }
                let failure = try #require(failed.failure)
                #expect((failed.state, failure.code) == (.failed, code))
                #expect(failure.message.contains(words), "\(failure.message)")
            }
        }
    }

    @Test func `whose server wants to be left alone is asked no sooner`() async throws {
        try await Workshop.with { workshop in
            workshop.fetcher.answer(.failure(.status(429, retryAfter: .seconds(100))))
            let job = try await Self.submit(to: workshop)
            try await workshop.whileProcessing {
                let waiting = try await workshop.intake.job(job.id, waiting: .seconds(20)) { $0.attempts == 1 }
                #expect(waiting.state == .queued)
                #expect(waiting.runAt > .now + .seconds(80))
            }
        }
    }
}
