import Testing

@testable import RabbitMQBackend

@Suite struct `Publisher confirms` {
    @Test func `a batch is settled by its last message, in any order`() {
        var confirms = Confirms<String>()
        confirms.expect(3, for: "a")
        confirms.expect(1, for: "b")
        #expect(waiters(confirms.settle(3, isMultiple: false, isTaken: true)).isEmpty)
        #expect(waiters(confirms.settle(4, isMultiple: false, isTaken: true)) == ["b"])
        #expect(waiters(confirms.settle(1, isMultiple: false, isTaken: true)).isEmpty)
        #expect(waiters(confirms.settle(2, isMultiple: false, isTaken: true)) == ["a"])
        #expect(confirms.count == 0)
    }

    @Test func `one word may settle many`() {
        var confirms = Confirms<String>()
        for waiter in ["a", "b", "c"] { confirms.expect(2, for: waiter) }
        #expect(waiters(confirms.settle(2, isMultiple: false, isTaken: true)).isEmpty)
        #expect(waiters(confirms.settle(4, isMultiple: true, isTaken: true)) == ["a", "b"])
        #expect(waiters(confirms.settle(6, isMultiple: true, isTaken: true)) == ["c"])
    }

    @Test func `one refused message spoils its batch only`() {
        var confirms = Confirms<String>()
        confirms.expect(2, for: "a")
        confirms.expect(1, for: "b")
        _ = confirms.settle(1, isMultiple: false, isTaken: false)
        #expect(confirms.settle(2, isMultiple: false, isTaken: true).map(\.isTaken) == [false])
        #expect(confirms.settle(3, isMultiple: false, isTaken: true).map(\.isTaken) == [true])
    }

    @Test func `a returned message is told to the batches under way`() {
        var confirms = Confirms<String>()
        confirms.expect(1, for: "a")
        confirms.noteMissing("q")
        #expect(confirms.settle(1, isMultiple: false, isTaken: true).map(\.missing) == [["q"]])
        confirms.expect(1, for: "b")
        #expect(confirms.settle(2, isMultiple: false, isTaken: true).map(\.missing) == [[]])
    }

    @Test(arguments: [0, 1, 3, UInt64.max])
    func `a word on what is not under way changes nothing`(_ tag: UInt64) {
        var confirms = Confirms<String>()
        confirms.expect(1, for: "a")
        _ = confirms.settle(1, isMultiple: false, isTaken: true)
        confirms.expect(1, for: "b")
        #expect(confirms.settle(tag, isMultiple: true, isTaken: true).isEmpty)
        #expect(confirms.count == 1)
    }

    @Test func `giving up tells everyone who waits, once`() {
        var confirms = Confirms<String>()
        confirms.expect(2, for: "a")
        confirms.expect(1, for: "b")
        #expect(Set(confirms.removeAll()) == ["a", "b"])
        #expect(confirms.removeAll().isEmpty)
        #expect(confirms.settle(3, isMultiple: true, isTaken: true).isEmpty)
    }

    private func waiters(_ settled: [Confirms<String>.Settled]) -> [String] { settled.map(\.waiter).sorted() }
}
