import HTTPTypes

/// `/`: who is there.
struct RootResource: Resource {
    let settings: ServerSettings

    var routes: [Route] {
        [
            Route(.get, "/", .service) { [settings] _ in
                Answer(json: [
                    "status": "healthy", "service": .string(settings.name), "version": .string(settings.version),
                ])
            }
        ]
    }
}
