import Foundation
import Testing

@testable import Jobs

@Suite struct `Identifiers` {
    @Test func `a fresh id is a UUIDv7 of its instant`() throws {
        let time = Timestamp(milliseconds: 0x0123_4567_89AB)
        let text = IdentifierSource().next(at: time).uuidString.lowercased()
        // RFC 9562, section 5.7: 48 bits of milliseconds, version 7, variant 10.
        #expect(text.hasPrefix("01234567-89ab-7"))
        let variant = try #require(text.split(separator: "-")[3].first)
        #expect("89ab".contains(variant))
    }

    @Test func `ids of one process rise, even when its clock goes back`() {
        let times = [5000, 5000, 4000, 5001, 1].map { Timestamp(milliseconds: 1_800_000_000_000 + $0) }
        let source = IdentifierSource()
        let ids = times.flatMap { time in (0..<5000).map { _ in FileID(uuid: source.next(at: time)) } }
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == ids.count)
    }

    @Test func `an id is read in either case and written in lower case`() {
        let upper = "0190A000-0000-7000-8000-00000000ABCD"
        #expect(JobID(upper)?.description == upper.lowercased())
    }

    @Test(arguments: ["", "x", "0190a000-0000-7000-8000-00000000abc", "0190a000-0000-7000-8000-00000000abcg", "../etc"])
    func `what is no UUID is no id`(_ text: String) {
        #expect(JobID(text) == nil)
    }

    @Test func `a timestamp reads as RFC 3339 in UTC with milliseconds`() {
        #expect(Timestamp(milliseconds: 1_795_238_640_123).description == "2026-11-21T05:24:00.123Z")
        #expect(Timestamp(milliseconds: 0).description == "1970-01-01T00:00:00.000Z")
    }
}
