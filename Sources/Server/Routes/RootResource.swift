import HTTPTypes

/// `/`: who is there; a browser is led to the page for people.
struct RootResource: Resource {
    let settings: ServerSettings

    var routes: [Route] {
        [
            Route(.get, "/", .service) { [settings] request in
                if (request.fields[.accept] ?? "").contains("text/html") {
                    return Answer(.seeOther, fields: [.location: "/ui", .vary: "Accept"])
                }
                return Answer(
                    json: [
                        "status": "healthy", "service": .string(settings.name), "version": .string(settings.version),
                    ], fields: [.vary: "Accept"])
            }
        ]
    }
}
