import Imaging
import Jobs
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A webhook` {
    private static let receiver = "https://shop.example/hooks"

    /// Submits a plan for a file, always the same.
    private static func submit(
        _ steps: String = "flip", to workshop: Workshop, webhook: String? = receiver
    ) async throws -> Job {
        let file = try await workshop.accept(Array("picture".utf8))
        let plan = try PlanRequest(["transformations": .string(steps)]).plan()
        let terms = SubmissionTerms(publicURL: "http://localhost", webhookURL: try webhook.map { try SourceURL($0) })
        return try await workshop.intake.submit(plan, for: file.id, on: terms).job
    }

    /// One delivery, of a job that was canceled, claimed for a try.
    private static func claimed(in workshop: Workshop) async throws -> Job {
        let job = try await submit(to: workshop)
        _ = try await workshop.intake.cancel(job.id)
        try await workshop.webhooks.scheduleOwed()
        return try #require(try await workshop.webhooks.claimDue(limit: 10).first)
    }

    private static func deliveries(in workshop: Workshop) async throws -> [Job] {
        try await workshop.intake.store.jobs(JobFilter(kind: .webhook), after: nil, limit: 100)
    }

    @Test func `tells the job's receiver, or else the operator's, of each end`() async throws {
        try await Workshop.with { workshop in
            let own = try await Self.submit(to: workshop)
            let others = try await Self.submit("flop", to: workshop, webhook: nil)
            try await workshop.whileProcessing {
                let webhooks = await workshop.receiver.first(2)
                #expect(Set(webhooks.map(\.body)) == ["job(\(own.id))", "job(\(others.id))"])
                #expect(
                    webhooks.first { $0.body.contains("\(own.id)") }?.url == Self.receiver)
                #expect(
                    webhooks.first { $0.body.contains("\(others.id)") }?.url == Workshop.operatorsReceiver)
                let deliveries = try await Self.deliveries(in: workshop)
                #expect(Set(deliveries.map { "\($0.id)" }) == Set(webhooks.map(\.id)))
                for delivery in deliveries { #expect(try await workshop.final(delivery.id).state == .done) }
            }
            #expect(workshop.receiver.webhooks.count == 2)
            // Deliveries are claimed, not rung for.
            #expect(workshop.queue.rung.count == 2)
        }
    }

    @Test func `tells of a job that was done at once`() async throws {
        try await Workshop.with { workshop in
            try await workshop.whileProcessing {
                _ = try await workshop.final(Self.submit(to: workshop).id)
                #expect(try await Self.submit(to: workshop).isCached)
                #expect(await workshop.receiver.first(2).count == 2)
            }
        }
    }

    @Test func `tells of a batch, and not of each of its jobs`() async throws {
        try await Workshop.with { workshop in
            let plan = try PlanRequest(["transformations": "flip"]).plan()
            let entries = (1...3).map {
                BatchEntry(
                    line: $0 + 1, serialNumber: "", productName: "", url: "https://shop.example/\($0).png", failure: nil
                )
            }
            try await workshop.whileProcessing {
                let batch = try await workshop.intake.submit(
                    entries, plan: plan, on: SubmissionTerms(publicURL: "http://localhost")
                ).batch
                #expect(await workshop.receiver.first(1).map(\.body) == ["batch(\(batch.id))"])
                #expect(try await workshop.intake.store.batch(batch.id).isComplete)
            }
            #expect(workshop.receiver.webhooks.map(\.url) == [Workshop.operatorsReceiver])
        }
    }

    @Test func `that failed is tried again later, and says the same`() async throws {
        try await Workshop.with { workshop in
            workshop.receiver.answer(.failed(reason: "the receiver answered 503", retryAfter: nil))
            let delivery = try await Self.claimed(in: workshop)
            let began = Timestamp.now
            await workshop.webhooks.attempt(delivery)
            let waiting = try await workshop.intake.store.job(delivery.id)
            #expect((waiting.state, waiting.attempts) == (.queued, 1))
            #expect((4.0...7.5).contains((waiting.runAt - began).seconds))
            #expect(waiting.failure?.code == "webhook_failed")
            try await workshop.whileProcessing {
                let done = try await workshop.final(delivery.id)
                #expect(done.state == .done)
            }
            let webhooks = workshop.receiver.webhooks
            #expect(webhooks.count == 2 && webhooks[0] == webhooks[1])
        }
    }

    @Test func `waits as long as its receiver asks for`() async throws {
        try await Workshop.with { workshop in
            workshop.receiver.answer(.failed(reason: "the receiver answered 429", retryAfter: .seconds(600)))
            let delivery = try await Self.claimed(in: workshop)
            await workshop.webhooks.attempt(delivery)
            let waiting = try await workshop.intake.store.job(delivery.id)
            #expect((595...601).contains((waiting.runAt - .now).seconds))
        }
    }

    @Test func `is a dead letter after its tenth try`() async throws {
        try await Workshop.with { workshop in
            let failure = WebhookOutcome.failed(reason: "the receiver answered 500", retryAfter: nil)
            workshop.receiver.answer(failure)
            var delivery = try await Self.claimed(in: workshop)
            delivery.attempts = 9
            await workshop.webhooks.attempt(delivery)
            let dead = try await workshop.intake.store.job(delivery.id)
            #expect((dead.state, dead.failure?.code, dead.failure?.isRetryable) == (.failed, "webhook_failed", true))
            #expect(workshop.mirror.letters.map(\.job) == [delivery.id])

            _ = try await workshop.intake.retry(delivery.id)
            try await workshop.whileProcessing {
                let done = try await workshop.final(delivery.id)
                #expect(done.state == .done)
            }
        }
    }

    @Test func `that is not wanted is not sent again`() async throws {
        try await Workshop.with { workshop in
            workshop.receiver.answer(.refused(reason: "the receiver answered 410"))
            let delivery = try await Self.claimed(in: workshop)
            await workshop.webhooks.attempt(delivery)
            let dead = try await workshop.intake.store.job(delivery.id)
            #expect((dead.state, dead.failure?.code, dead.failure?.isRetryable) == (.failed, "webhook_refused", false))
        }
    }

    @Test func `to a receiver in trouble leaves room for others`() async throws {
        try await Workshop.with { workshop in
            for quality in 1...6 {
                let job = try await Self.submit(
                    "compress:\(quality)", to: workshop, webhook: "https://troubled.example/\(quality)")
                _ = try await workshop.intake.cancel(job.id)
            }
            try await workshop.webhooks.scheduleOwed()
            workshop.receiver.answer(.failed(reason: "the receiver did not answer in time", retryAfter: nil))
            let first = try #require(try await workshop.webhooks.claimDue(limit: 1).first)
            await workshop.webhooks.attempt(first)

            // Two at a time, until it answers well.
            let few = try await workshop.webhooks.claimDue(limit: 10)
            #expect(few.count == 2)
            let putOff = try await Self.deliveries(in: workshop).filter { $0.state == .queued && $0.id != first.id }
            #expect(putOff.count == 3)
            for job in putOff {
                #expect(job.attempts == 0)
                #expect((25...91).contains((job.runAt - .now).seconds))
            }
            await workshop.webhooks.attempt(few[0])
            let other = try await Self.submit(to: workshop)
            _ = try await workshop.intake.cancel(other.id)
            try await workshop.webhooks.scheduleOwed()
            #expect(try await workshop.webhooks.claimDue(limit: 10).map(\.source) == [.url(Self.receiver)])
        }
    }

    @Test func `that arrived is noted when the store is back`() async throws {
        try await Workshop.with { workshop in
            let delivery = try await Self.claimed(in: workshop)
            workshop.database.setAway(true)
            async let attempt: Void = workshop.webhooks.attempt(delivery)
            await workshop.database.wait(forRefusals: 1)
            workshop.database.setAway(false)
            await attempt
            let state = try await workshop.intake.store.job(delivery.id).state
            #expect(state == .done)
            #expect(workshop.receiver.webhooks.count == 1)
        }
    }

    @Test func `keeps no picture waiting, however many receivers are silent`() async throws {
        try await Workshop.with { workshop in
            workshop.receiver.fallSilent(at: "silent.example")
            let file = try await workshop.accept(Array("picture".utf8))
            let terms = SubmissionTerms(
                publicURL: "http://localhost", webhookURL: try SourceURL("https://silent.example/"))
            for quality in 1...40 {
                let plan = try PlanRequest(["transformations": .string("compress:\(quality)")]).plan()
                let job = try await workshop.intake.submit(plan, for: file.id, on: terms).job
                _ = try await workshop.intake.cancel(job.id)
            }
            try await workshop.whileProcessing {
                _ = await workshop.receiver.first(32)
                let job = try await Self.submit(to: workshop)
                #expect(try await workshop.final(job.id).state == .done)
            }
            // Those who were asked to stop made way for others, and count no try.
            let deliveries = try await Self.deliveries(in: workshop)
            #expect(deliveries.count >= 40)
            #expect(deliveries.allSatisfy { $0.state == .queued && $0.attempts == 0 || $0.state == .done })
        }
    }
}
