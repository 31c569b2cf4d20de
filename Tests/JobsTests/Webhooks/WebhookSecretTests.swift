import Jobs
import Testing

@Suite struct `A webhook secret` {
    // The first two are those of the specification's libraries; the others are of 24, 32 and 64 bytes.
    @Test(arguments: [
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_" + String(repeating: "A", count: 32), "whsec_" + String(repeating: "A", count: 43) + "=",
        "whsec_" + String(repeating: "A", count: 86) + "==",
    ])
    func `is the base64 of 24 to 64 bytes, with or without its prefix`(_ text: String) throws {
        _ = try WebhookSecret(text)
    }

    @Test(arguments: [
        ("a plain password of some length", WebhookSecretError.notBase64), ("whsec_abc-_", .notBase64),
        ("WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", .notBase64), ("", .wrongLength(0)), ("whsec_", .wrongLength(0)),
        ("whsec_" + String(repeating: "A", count: 31) + "=", .wrongLength(23)),
        ("whsec_" + String(repeating: "A", count: 87) + "=", .wrongLength(65)),
    ])
    func `is nothing else, and the error says what it is without saying it`(
        _ text: String, _ expected: WebhookSecretError
    ) {
        #expect { try WebhookSecret(text) } throws: { error in
            let message = "\(error)"
            return error as? WebhookSecretError == expected && message.contains("24 to 64 bytes")
                && (text.isEmpty || text == "whsec_" || !message.contains(text))
        }
    }
}
