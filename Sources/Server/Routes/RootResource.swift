import HTTPTypes

/// `/`: who is there; a browser is led to the page for people.
struct RootResource: Resource {
    let settings: ServerSettings

    var routes: [Route] {
        [
            Route(.get, "/", .service) { [settings] request in
                if request.prefersPages {
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

extension IncomingRequest {
    /// Whether `Accept` names HTML, and wants nothing in JSON more.
    fileprivate var prefersPages: Bool {
        let weights = Weights(fields[.accept])
        let html = weights.weight(of: "text/html")
        return html > 0 && html >= weights.weight(of: "application/json", "application/*", "*/*")
    }
}
