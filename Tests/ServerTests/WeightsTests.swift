import Testing

@testable import Server

@Suite struct `A weight` {
    @Test(
        arguments: [
            (nil, 0), ("", 0), ("gzip", 1), ("br, GZip ; Q=0.5", 0.5), ("gzip;q=0", 0), ("gzip;q=0.000", 0),
            ("gzip;q=0.001", 0.001), ("gzip;q=1.000", 1), ("gzip;level=1;q=0.2", 0.2), ("gzip;q=2", 0),
            ("gzip;q=-1", 0), ("gzip;q=inf", 0), ("gzip;q=", 0), ("gzip;q=0, gzip;q=0.3", 0.3), ("xgzip", 0),
        ] as [(String?, Double)])
    func `is read as RFC 9110 has it`(_ field: String?, _ weight: Double) {
        #expect(Weights(field).weight(of: "gzip") == weight)
    }

    @Test func `is that of the first name that is listed`() {
        let weights = Weights("*/*;q=0.8, application/*;q=0.1")
        #expect(weights.weight(of: "application/json", "application/*", "*/*") == 0.1)
        #expect(weights.weight(of: "text/html") == 0)
    }
}
