import Jobs
import Testing

@Suite struct `A webhook signature` {
    // The vector that all libraries of the specification are tested with, such as libraries/go/webhook_test.go.
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private static let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    private static let wrongSignature = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
    private static let fields = [
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
        "webhook-signature": signature,
    ]
    private static let body = Array(#"{"test": 2432232314}"#.utf8)
    private static let time = Timestamp(milliseconds: 1_614_265_330_999)

    // The same bytes signed by `openssl dgst -sha256 -mac HMAC -macopt hexkey:` and 32 times 42.
    private static let oldSecret = "whsec_QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI="
    private static let oldSignature = "v1,qa+R7+zLUg4i64aCnJ92E+PbLXR7446Vnf40cfEl3Xs="

    @Test func `is the one that the specification publishes`() throws {
        let fields = WebhookSignature.fields(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", body: Self.body, secrets: [try WebhookSecret(Self.secret)],
            now: Self.time)
        #expect(fields == Self.fields)
    }

    @Test func `is made with each secret, for receivers that know the new one or still the old one`() throws {
        let secrets = [try WebhookSecret(Self.secret), try WebhookSecret(Self.oldSecret)]
        let fields = WebhookSignature.fields(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", body: Self.body, secrets: secrets, now: Self.time)
        #expect(fields["webhook-signature"] == "\(Self.signature) \(Self.oldSignature)")
        for secret in secrets {
            try WebhookSignature.verify(fields, body: Self.body, secrets: [secret], now: Self.time)
        }
    }

    @Test func `is left out where there is no secret`() {
        let fields = WebhookSignature.fields(id: "a", body: [], secrets: [], now: Self.time)
        #expect(fields == ["webhook-id": "a", "webhook-timestamp": "1614265330"])
    }

    @Test(arguments: [
        signature, "\(wrongSignature) v2,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= \(signature) \(wrongSignature)",
        "v1a,hnO3f9T8 v1 v1, v1,? \(signature)", oldSignature,
    ])
    func `holds when one of several fits one of the secrets`(_ signatures: String) throws {
        try WebhookSignature.verify(
            Self.fields(with: "webhook-signature", signatures), body: Self.body,
            secrets: [try WebhookSecret(Self.oldSecret), try WebhookSecret(Self.secret)], now: Self.time)
    }

    @Test(arguments: [
        wrongSignature, "v1,", "v1,g0hM9SsE", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE", "v1,?",
        "v1,\(signature)", oldSignature,
    ])
    func `does not hold when none fits`(_ signatures: String) {
        #expect(throws: WebhookSignatureError.mismatch) {
            try Self.verify(Self.fields(with: "webhook-signature", signatures))
        }
    }

    @Test func `does not hold for another id, time or body, or for no secret`() throws {
        #expect(throws: WebhookSignatureError.mismatch) { try Self.verify(Self.fields(with: "webhook-id", "msg_p5")) }
        #expect(throws: WebhookSignatureError.mismatch) {
            try Self.verify(Self.fields(with: "webhook-timestamp", "1614265331"))
        }
        #expect(throws: WebhookSignatureError.mismatch) {
            try Self.verify(Self.fields, body: Array(#"{"test":2432232314}"#.utf8))
        }
        #expect(throws: WebhookSignatureError.mismatch) {
            try WebhookSignature.verify(Self.fields, body: Self.body, secrets: [], now: Self.time)
        }
    }

    @Test(arguments: ["v1", "v1a,g0hM9SsE", "v2,g0hM9SsE v3,a", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="])
    func `of another version only is none that can be checked`(_ signatures: String) {
        #expect(throws: WebhookSignatureError.unknownVersion) {
            try Self.verify(Self.fields(with: "webhook-signature", signatures))
        }
    }

    @Test(arguments: ["webhook-id", "webhook-timestamp", "webhook-signature"], [nil, ""])
    func `needs all three fields`(_ name: String, _ value: String?) {
        #expect(throws: WebhookSignatureError.missing(field: name)) { try Self.verify(Self.fields(with: name, value)) }
    }

    @Test(arguments: ["now", "1614265330.5", "99999999999999999999", "2021-02-25T15:02:10Z"])
    func `needs a time in seconds`(_ text: String) {
        #expect(throws: WebhookSignatureError.malformedTimestamp) {
            try Self.verify(Self.fields(with: "webhook-timestamp", text))
        }
    }

    @Test func `holds for five minutes either way`() throws {
        for minutes: Int64 in [-5, 5] {
            try Self.verify(Self.fields, now: Self.time + .seconds(minutes * 60))
        }
        #expect(throws: WebhookSignatureError.tooOld) { try Self.verify(Self.fields, now: Self.time + .seconds(301)) }
        #expect(throws: WebhookSignatureError.tooNew) { try Self.verify(Self.fields, now: Self.time - .seconds(301)) }
        #expect(throws: WebhookSignatureError.tooOld) {
            try Self.verify(Self.fields(with: "webhook-timestamp", "\(Int64.min)"))
        }
        #expect(throws: WebhookSignatureError.tooNew) {
            try Self.verify(Self.fields(with: "webhook-timestamp", "\(Int64.max)"))
        }
    }

    private static func fields(with name: String, _ value: String?) -> [String: String] {
        var fields = Self.fields
        fields[name] = value
        return fields
    }

    private static func verify(
        _ fields: [String: String], body: [UInt8] = body, now: Timestamp = time
    ) throws {
        try WebhookSignature.verify(fields, body: body, secrets: [try WebhookSecret(secret)], now: now)
    }
}
