import NIOCore
import Testing

@testable import Server

@Suite struct `A connection's timeline` {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    private func at(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }
    private func fresh() -> ConnectionTimeline { ConnectionTimeline(limits: ConnectionLimits(), now: start) }

    @Test func `gives a new connection 10 s`() {
        var timeline = fresh()
        #expect(timeline.verdict(at: at(9)) == .none)
        #expect(timeline.verdict(at: at(10)) == .idle)
    }

    @Test func `gives a header 10 s from its first byte`() {
        var timeline = fresh()
        timeline.bytesArrived(at: at(5))
        timeline.bytesArrived(at: at(14))
        #expect(timeline.verdict(at: at(14)) == .none)
        #expect(timeline.verdict(at: at(15)) == .headerTooSlow)
    }

    @Test func `gives a kept connection 75 s between requests, and a further header 10 s`() {
        var timeline = answered(at: 20)
        #expect(timeline.verdict(at: at(94)) == .none)
        #expect(timeline.verdict(at: at(95)) == .idle)
        timeline = answered(at: 20)
        timeline.bytesArrived(at: at(50))
        #expect(timeline.verdict(at: at(59)) == .none)
        #expect(timeline.verdict(at: at(60)) == .headerTooSlow)
    }

    @Test func `waits for our own answer as long as it takes`() {
        var timeline = fresh()
        timeline.headEnded(at: start)
        timeline.requestEnded()
        #expect(timeline.deadline == nil)
        #expect(timeline.verdict(at: at(10_000)) == .none)
    }

    @Test func `wants 1 KiB a second of a body, in each window of 10 s`() {
        var timeline = fresh()
        timeline.headEnded(at: start)
        timeline.bodyArrived(bytes: 10_240)
        #expect(timeline.verdict(at: at(10)) == .none)
        // What came before does not help later.
        timeline.bodyArrived(bytes: 10_239)
        #expect(timeline.verdict(at: at(19)) == .none)
        #expect(timeline.verdict(at: at(20)) == .bodyTooSlow)
    }

    @Test func `does not charge a client for the time in which we do not listen`() {
        var timeline = fresh()
        timeline.headEnded(at: start)
        timeline.bodyArrived(bytes: 100)
        timeline.readingPaused(at: at(1))
        #expect(timeline.verdict(at: at(10)) == .none)
        #expect(timeline.verdict(at: at(20)) == .none)
        timeline.readingResumed(at: at(21))
        #expect(timeline.verdict(at: at(30)) == .bodyTooSlow)
    }

    @Test func `wants 1 KiB a second of an answer to be taken, in each window of 30 s`() {
        var timeline = answering()
        timeline.answerGrew(bytes: 100_000, at: at(1))
        #expect(timeline.deadline == at(31))
        #expect(timeline.verdict(at: at(31), unsent: 100_000 - 30_720) == .none)
        // What was taken before does not help later.
        #expect(timeline.verdict(at: at(60), unsent: 69_280) == .none)
        #expect(timeline.verdict(at: at(61), unsent: 69_280 - 30_719) == .answerTooSlow)
    }

    @Test func `does not charge a client for an answer that we have not yet given`() {
        var timeline = answering()
        timeline.answerGrew(bytes: 10, at: start)
        #expect(timeline.verdict(at: at(30), unsent: 0) == .none)
        #expect(timeline.deadline == nil)
        // Nor for the quiet before it.
        timeline.answerGrew(bytes: 50_000, at: at(59))
        #expect(timeline.verdict(at: at(60), unsent: 50_000) == .none)
        #expect(timeline.verdict(at: at(89), unsent: 50_000) == .answerTooSlow)
    }

    @Test func `judges an answer by what is taken of it, whatever is asked meanwhile`() {
        var timeline = answering()
        timeline.answerGrew(bytes: 100_000, at: at(1))
        timeline.headEnded(at: at(2), unsent: 100_000)
        timeline.requestEnded()
        #expect(timeline.deadline == at(31))
        #expect(timeline.verdict(at: at(31), unsent: 100_000) == .answerTooSlow)
        // Nor is the end of an answer the end of its being taken.
        timeline = answering()
        timeline.answerGrew(bytes: 100_000, at: at(1))
        timeline.answerEnded(at: at(1))
        timeline.headEnded(at: at(2), unsent: 100_000)
        timeline.requestEnded()
        #expect(timeline.verdict(at: at(31), unsent: 100_000) == .answerTooSlow)
    }

    @Test func `lets the last answer be taken as slowly as any other`() {
        var timeline = answering()
        timeline.answerGrew(bytes: 200_000, at: start)
        timeline.answerEnded(at: at(1))
        timeline.lingeringBegan(at: at(1))
        for second in 2...100 {
            #expect(timeline.verdict(at: at(Int64(second)), unsent: 200_000 - second * 1100) == .none, "\(second)")
        }
        // Then the client has its 5 s to close.
        timeline.lingeringBegan(at: at(100))
        #expect(timeline.verdict(at: at(104)) == .none)
        #expect(timeline.verdict(at: at(105)) == .lingeringOver)

        timeline = answering()
        timeline.answerGrew(bytes: 200_000, at: start)
        timeline.answerEnded(at: at(1))
        timeline.lingeringBegan(at: at(1))
        #expect(timeline.verdict(at: at(29), unsent: 190_000) == .none)
        #expect(timeline.verdict(at: at(30), unsent: 190_000) == .answerTooSlow)
    }

    @Test func `does not take a connection for idle that takes its answer`() {
        var timeline = answering()
        timeline.answerGrew(bytes: 200_000, at: start)
        timeline.answerEnded(at: at(1))
        for second in 2...100 {
            #expect(timeline.verdict(at: at(Int64(second)), unsent: 200_000 - second * 1100) == .none, "\(second)")
        }
    }

    @Test func `lets what a client still sends go on for 5 s`() {
        var timeline = fresh()
        timeline.headEnded(at: start)
        timeline.answerEnded(at: at(1))
        timeline.lingeringBegan(at: at(1))
        #expect(timeline.verdict(at: at(5)) == .none)
        #expect(timeline.verdict(at: at(6)) == .lingeringOver)
    }

    private func answering() -> ConnectionTimeline {
        var timeline = fresh()
        timeline.headEnded(at: start)
        timeline.requestEnded()
        return timeline
    }

    private func answered(at seconds: Int64) -> ConnectionTimeline {
        var timeline = fresh()
        timeline.bytesArrived(at: start)
        timeline.headEnded(at: start)
        timeline.requestEnded()
        timeline.answerEnded(at: at(seconds))
        return timeline
    }
}
