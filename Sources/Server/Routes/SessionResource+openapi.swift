import HTTPTypes

extension RouteDescription {
    static let session = RouteDescription(
        "getSession", .operating, "Says whether a browser is signed in as the operator",
        answers: [
            Outcome(
                .ok, "How it stands.",
                Schema.object(
                    "How a browser stands.",
                    [
                        "required": Schema("boolean", "Whether there is a token to show."),
                        "signed_in": Schema("boolean", "Whether the operator's routes answer this request."),
                    ]
                ).named("Session"),
                example: ["required": true, "signed_in": false])
        ],
        problems: [.forbidden])

    static let signIn = RouteDescription(
        "signIn", .operating, "Signs a browser in",
        "For who knows `ADMIN_TOKEN`: the cookie takes the place of the token for twelve hours. Programs send the token.",
        body: [
            Content(
                "application/json",
                .object(
                    "", required: [("token", Schema("string", "`ADMIN_TOKEN`.", ["minLength": 1]))], isClosed: true),
                examples: [("token", ["token": "…"])])
        ],
        answers: [Outcome(.noContent, "Signed in.", fields: ["Set-Cookie": "The session."])],
        problems: [
            .malformedJSON, .bodyTooLarge, .missingParameter, .unknownParameter, .unsupportedMediaType, .unauthorized,
            .forbidden,
        ])

    static let signOut = RouteDescription(
        "signOut", .operating, "Signs a browser out",
        answers: [Outcome(.noContent, "Signed out.", fields: ["Set-Cookie": "No session."])])
}
