import Jobs
import Testing

@Suite struct `An HTTP date` {
    // The first is RFC 9110's example; the others were made with `date -u -d @N`.
    @Test(arguments: [
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (1_798_761_599, "Thu, 31 Dec 2026 23:59:59 GMT"),
    ])
    func `is written and read`(_ seconds: Int, _ text: String) {
        #expect(HTTPDate.text(at: seconds) == text)
        #expect(HTTPDate.seconds(of: text) == seconds)
    }

    // RFC 9110's examples of the two forms that are no longer written.
    @Test(arguments: ["Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])
    func `is read in its old forms`(_ text: String) { #expect(HTTPDate.seconds(of: text) == 784_111_777) }

    @Test func `of two digits for the year is a date of our time`() {
        #expect(HTTPDate.seconds(of: "Saturday, 21-Nov-26 00:00:00 GMT") == 1_795_219_200)
    }

    @Test(arguments: [
        "", "tomorrow", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:49 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Wed, 30 Feb 2028 00:00:00 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 1969 08:49:37 GMT",
        "Sun, 06 Nov 9223372036854775807 08:49:37 GMT",
    ])
    func `that is none is not read`(_ text: String) { #expect(HTTPDate.seconds(of: text) == nil) }
}
