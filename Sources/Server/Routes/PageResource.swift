import Crypto
import HTTPTypes

/// A page: its HTML at a path of its own, and its parts in a folder that is named after what they hold, so that a browser
/// keeps them until they change.
struct PageResource: Resource {
    let routes: [Route]

    /// For people who send pictures.
    static let ui = PageResource(
        "ui", "a page to send pictures and see what becomes of them", PackageResources.ui_html,
        parts: [
            "api.js": PackageResources.api_js,
            "app.js": PackageResources.app_js,
            "batches.js": PackageResources.batches_js,
            "card.js": PackageResources.card_js,
            "chips.js": PackageResources.chips_js,
            "compare.js": PackageResources.compare_js,
            "controls.js": PackageResources.controls_js,
            "descriptions.js": PackageResources.descriptions_js,
            "history.js": PackageResources.history_js,
            "images.js": PackageResources.images_js,
            "intake.js": PackageResources.intake_js,
            "jobs.js": PackageResources.jobs_js,
            "line.js": PackageResources.line_js,
            "operations.js": PackageResources.operations_js,
            "pictures.js": PackageResources.pictures_js,
            "plan.js": PackageResources.plan_js,
            "planner.js": PackageResources.planner_js,
            "preview.js": PackageResources.preview_js,
            "ui.css": PackageResources.ui_css,
        ])

    /// For people who run the service.
    static let monitor = PageResource(
        "monitor", "a page to see how the service stands, and to operate it", PackageResources.monitor_html,
        parts: [
            "ages.js": PackageResources.ages_js,
            "chart.js": PackageResources.chart_js,
            "charts.js": PackageResources.charts_js,
            "confirm.js": PackageResources.confirm_js,
            "dead-letters.js": PackageResources.dead_letters_js,
            "deliveries.js": PackageResources.deliveries_js,
            "figures.js": PackageResources.figures_js,
            "listing.js": PackageResources.listing_js,
            "live.js": PackageResources.live_js,
            "login.js": PackageResources.login_js,
            "monitor-batches.js": PackageResources.monitor_batches_js,
            "monitor-jobs.js": PackageResources.monitor_jobs_js,
            "monitor.css": PackageResources.monitor_css,
            "monitor.js": PackageResources.monitor_js,
            "operator.js": PackageResources.operator_js,
            "orders.js": PackageResources.orders_js,
            "overview.js": PackageResources.overview_js,
            "settings.js": PackageResources.settings_js,
            "steps.js": PackageResources.steps_js,
            "story.js": PackageResources.story_js,
            "ticks.js": PackageResources.ticks_js,
            "tries.js": PackageResources.tries_js,
            "update.js": PackageResources.update_js,
            "workers.js": PackageResources.workers_js,
        ])

    /// What all pages have.
    private static let common = [
        "address.js": PackageResources.address_js,
        "announce.js": PackageResources.announce_js,
        "base.css": PackageResources.base_css,
        "connection.js": PackageResources.connection_js,
        "copy.js": PackageResources.copy_js,
        "dom.js": PackageResources.dom_js,
        "requests.js": PackageResources.requests_js,
        "words.js": PackageResources.words_js,
    ]

    /// - Parameters:
    ///   - name: of its path.
    ///   - meaning: what it is, within a sentence.
    ///   - html: names the folder of the parts `{{assets}}`.
    ///   - parts: of its own, by name.
    private init(_ name: String, _ meaning: String, _ html: [UInt8], parts: [String: [UInt8]]) {
        let parts = parts.merging(Self.common) { own, _ in own }
        var hash = SHA256()
        for (name, bytes) in parts.sorted(by: { $0.key < $1.key }) {
            hash.update(data: Array(name.utf8) + [0])
            hash.update(data: bytes)
        }
        let version = hash.finalize().prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let text = String(decoding: html, as: UTF8.self)
            .split(separator: "{{assets}}", omittingEmptySubsequences: false)
        let document = Asset(Array(text.joined(separator: "/\(name)/assets/\(version)").utf8), "text/html")
        let assets = Dictionary(
            uniqueKeysWithValues: parts.map { name, bytes in
                (name, Asset(bytes, name.hasSuffix(".css") ? "text/css" : "text/javascript"))
            })
        routes = [
            Route(.get, "/\(name)", .page(name, meaning)) { document.answer(to: $0) },
            Route(.get, "/\(name)/assets/{version}/{name}", .part(of: name)) { request in
                guard let asset = assets[String(request.parameters[1])] else {
                    throw Problem(.notFound, "the page has no such part")
                }
                // While a deployment changes, a page of one version may ask a process of another.
                return asset.answer(to: request, isForever: request.parameters[0] == version)
            },
        ]
    }
}

extension RouteDescription {
    fileprivate static func page(_ name: String, _ meaning: String) -> RouteDescription {
        RouteDescription(
            "get\(name.titled)Page", .documents, meaning.titled,
            parameters: [ifNoneMatch],
            answers: [
                Outcome(.ok, "The page.", [Content("text/html", Schema("string"))], fields: ["ETag": "What it is."]),
                notModified,
            ])
    }

    fileprivate static func part(of name: String) -> RouteDescription {
        RouteDescription(
            "get\(name.titled)Part", .documents, "A script or a style of `/\(name)`",
            parameters: [
                Parameter(.path, "version", "The page says which.", Schema("string")),
                Parameter(.path, "name", "Such as `app.js`.", Schema("string")), ifNoneMatch,
            ],
            answers: [
                Outcome(
                    .ok, "Its text, which never changes under the version that the page names.",
                    ["text/css", "text/javascript"].map { Content($0, Schema("string")) },
                    fields: ["ETag": "What it is."]),
                notModified,
            ],
            problems: [.notFound])
    }
}

extension String {
    fileprivate var titled: String { prefix(1).uppercased() + dropFirst() }
}
