import Testing

@testable import ECSBackend

@Suite struct `The plan of protection` {
    private let start = ContinuousClock.now
    private var plan = ProtectionPlan()

    private mutating func expect(
        _ step: ProtectionPlan.Step, isIdle: Bool, after time: Duration,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let found = plan.next(isIdle: isIdle, at: start + time)
        #expect(found == step, sourceLocation: sourceLocation)
    }

    @Test mutating func `protects with the first job at once, and until half a second after the last`() {
        plan.agreed(to: false, at: start)
        expect(.wait(atMost: nil), isIdle: true, after: .seconds(10))
        expect(.tell(isProtected: true), isIdle: false, after: .seconds(20))
        plan.agreed(to: true, at: start + .seconds(20))
        expect(.wait(atMost: .milliseconds(500)), isIdle: true, after: .seconds(30))
        expect(.wait(atMost: .milliseconds(100)), isIdle: true, after: .milliseconds(30_400))
        expect(.tell(isProtected: false), isIdle: true, after: .milliseconds(30_500))
        plan.agreed(to: false, at: start + .seconds(31))
        expect(.wait(atMost: nil), isIdle: true, after: .seconds(31))
    }

    @Test mutating func `makes no call between jobs that follow each other closely`() {
        plan.agreed(to: true, at: start)
        for job in 1...100 {
            let end = Duration.milliseconds(500 * job)
            let next = end + .milliseconds(499)
            for (isIdle, time) in [(true, end), (true, next), (false, next)] {
                guard case .wait = plan.next(isIdle: isIdle, at: start + time) else {
                    Issue.record("a call after \(time)")
                    return
                }
            }
        }
    }

    @Test mutating func `renews protection long before it ends`() {
        plan.agreed(to: true, at: start)
        expect(.wait(atMost: .seconds(299)), isIdle: false, after: .seconds(1))
        expect(.tell(isProtected: true), isIdle: false, after: .seconds(300))
        plan.agreed(to: true, at: start + .seconds(300))
        expect(.wait(atMost: .seconds(300)), isIdle: false, after: .seconds(300))
        #expect(ProtectionPlan.minutes == 10)
    }

    @Test mutating func `tries again what failed, ever later but at least every minute`() {
        var time = Duration.zero
        for (count, pause) in [1, 2, 4, 8, 16, 32, 60, 60, 60].enumerated() {
            expect(.tell(isProtected: true), isIdle: false, after: time)
            let isFirst = plan.refused(at: start + time)
            #expect(isFirst == (count == 0))
            expect(.wait(atMost: .seconds(pause)), isIdle: false, after: time)
            time += .seconds(pause)
        }
        plan.agreed(to: true, at: start + time)
        let isFirst = plan.refused(at: start + time)
        #expect(isFirst)
    }

    @Test mutating func `lifts what may be there from before, or from a call that seemed to fail`() {
        expect(.wait(atMost: .milliseconds(500)), isIdle: true, after: .zero)
        expect(.tell(isProtected: false), isIdle: true, after: .seconds(1))
        plan.agreed(to: false, at: start + .seconds(1))
        expect(.tell(isProtected: true), isIdle: false, after: .seconds(2))
        _ = plan.refused(at: start + .seconds(2))
        expect(.wait(atMost: .seconds(1)), isIdle: true, after: .seconds(2))
        expect(.tell(isProtected: false), isIdle: true, after: .seconds(3))
    }
}
