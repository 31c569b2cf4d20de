import HTTPTypes

/// A setting as people are shown it; a secret's value is hidden before it comes here.
package struct ShownSetting: Sendable {
    let name: String
    let value: String
    /// Where it comes from.
    let origin: String
    let meaning: String

    package init(name: String, value: String, origin: String, meaning: String) {
        self.name = name
        self.value = value
        self.origin = origin
        self.meaning = meaning
    }
}

/// `GET /settings`: what the process that answers was started with.
struct SettingsResource: Resource {
    let settings: [ShownSetting]

    var routes: [Route] {
        [
            Route(.get, "/settings", .settings, for: .operators) { [settings] _ in
                Answer(
                    json: [
                        "settings": .array(
                            settings.map { setting in
                                [
                                    "name": .string(setting.name), "value": .string(setting.value),
                                    "source": .string(setting.origin), "meaning": .string(setting.meaning),
                                ]
                            })
                    ], fields: [.cacheControl: "no-store"])
            }
        ]
    }
}

extension RouteDescription {
    fileprivate static let settings = RouteDescription(
        "listSettings", .operating, "Lists the settings in force",
        "Of the process that answers; of a secret it says only whether it is set.",
        answers: [
            Outcome(
                .ok, "The settings.",
                Schema.object(
                    "The settings in force.",
                    [
                        "settings": .array(
                            of: Schema.object(
                                "A setting.",
                                [
                                    "name": Schema("string", "Of its variable."),
                                    "value": Schema("string", "In force."),
                                    "source": Schema(
                                        "string", "Where it comes from.", ["enum": ["environment", ".env", "default"]]),
                                    "meaning": Schema("string", "What it is for."),
                                ]
                            ).named("Setting"))
                    ]
                ).named("SettingList"),
                example: [
                    "settings": [["name": "PORT", "value": "8000", "source": "default", "meaning": "The port"]]
                ])
        ])
}
