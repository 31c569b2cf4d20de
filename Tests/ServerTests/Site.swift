import DiskBackend
import FetchBackend
import Foundation
import Imaging
import Jobs
import Logging
import NIOCore
import Rendering
import SQLBackend
import SQLiteBackend
import ServiceLifecycle
import Synchronization
import SystemPackage
import Testing

@testable import Server

/// A server on a port of its own, with a real store, a real disk and the real engine, in a folder that goes afterwards.
struct Site: Sendable {
    let port: Int
    let folder: FilePath
    let intake: Intake
    let readiness: Readiness
    let log: LogBook

    /// - Parameters:
    ///   - working: whether jobs are done, or stay queued.
    ///   - fetcher: brings what URLs name.
    ///   - faults: what the disk refuses to do, from when it is set.
    static func with(
        working: Bool = true, retention: Duration = .seconds(3600), faults: Faults = Faults(),
        fetching fetcher: any SourceFetcher = PlayedFetcher(),
        settings adapt: (inout ServerSettings) -> Void = { _ in },
        _ body: (Site) async throws -> Void
    ) async throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("site-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        let folder = FilePath(url.path)
        let log = LogBook()
        let logger = Logger(label: "test") { _ in log }

        let store = try await SQLJobStore(SQLiteDatabase(path: folder.appending("jobs.db").string))
        let queue = StoreQueue(store, pauses: .milliseconds(50)...(.milliseconds(50)))
        let storage = FaultyStorage(
            base: try await DiskObjectStorage(
                originals: folder.appending("originals"), results: folder.appending("results")),
            faults: faults)
        let scratch = FaultyScratch(base: try await DiskScratchSpace(in: folder.appending("scratch")), faults: faults)
        let limits = Limits()
        let engine = ThreadRenderer(Renderer(limits: limits), slots: 1)
        let changes = JobChanges()
        let intake = Intake(
            store: store, queue: queue, storage: storage, scratch: scratch, probe: engine, previewer: Previewer(engine),
            urlRules: AddressGuard(),
            changes: changes,
            policy: IntakePolicy(
                allowedExtensions: ["jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "webp"],
                retention: retention, maxOutputPixels: limits.maxOutputPixels, maxOutputSide: limits.maxOutputSide,
                describer: "measured"))
        let pixels = Workbench.Engine(renderer: engine, describer: engine)
        let processor = Processor(
            store: store, queue: queue,
            workbench: Workbench(
                store: store, storage: storage, scratch: scratch,
                tools: Workbench.Tools(
                    shared: pixels, isolated: pixels, probe: engine, fetcher: fetcher),
                limits: Workbench.Limits(
                    timeout: .seconds(60), maxFileSize: 1 << 20, allowedFormats: Set(ImageFormat.allCases))),
            changes: changes, deadLetters: DeadLetters(of: store, in: nil, logger: logger),
            settings: ProcessorSettings(
                worker: WorkerID(), host: "test", version: "0", slots: 1, lease: .seconds(30),
                retryPolicy: RetryPolicy(maxAttempts: 1), retention: retention, shutdownGrace: .seconds(5)),
            logger: logger)
        let readiness = Readiness()
        var settings = ServerSettings(port: 0, maxFileSize: 1 << 20, version: "1.2.3")
        adapt(&settings)
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let server = HTTPServer(
            settings: settings, intake: intake, readiness: readiness, metrics: PrometheusRegistry(), logger: logger
        ) { found.yield($0) }

        let services: [any Service] = working ? [server, processor] : [server]
        let group = ServiceGroup(services: services, logger: logger)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            try await body(
                Site(port: port, folder: folder, intake: intake, readiness: readiness, log: log))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// One request on a connection of its own.
    func ask(
        _ method: String, _ target: String, _ fields: [String: String] = [:], body: [UInt8] = []
    ) async throws -> Reply {
        try await Wire.open(port) { wire async throws in
            try await wire.send(Self.head(method, target, fields, length: body.count))
            try await wire.send(body)
            return try await wire.reply(bodiless: method == "HEAD")
        }
    }

    func get(_ target: String, _ fields: [String: String] = [:]) async throws -> Reply {
        try await ask("GET", target, fields)
    }

    func post(_ target: String, json: String, _ fields: [String: String] = [:]) async throws -> Reply {
        try await ask(
            "POST", target, fields.merging(["Content-Type": "application/json"]) { $1 }, body: Array(json.utf8))
    }

    func upload(_ parts: Part...) async throws -> Reply { try await upload(parts) }

    func upload(_ parts: [Part]) async throws -> Reply {
        try await ask("POST", "/upload", ["Content-Type": Part.contentType], body: Part.body(parts))
    }

    /// Uploads a picture and says its id.
    func uploadedPicture(width: Int = 8, height: Int = 6) async throws -> String {
        let reply = try await upload(.file("a.png", Pictures.png(width: width, height: height)))
        return try #require(reply.json["file_id"].text, "\(reply.text)")
    }

    /// Uploads a picture, has it worked on, and says the job's id.
    func finishedJob(_ plan: String = #"{"operation":"grayscale"}"#) async throws -> String {
        let reply = try await post("/process/\(uploadedPicture())", json: plan, ["Prefer": "wait=50"])
        try #require(reply.status == 200, "\(reply.text)")
        return try #require(reply.json["job_id"].text)
    }

    /// How many files of uploads there are, finished or not.
    func keptFiles() throws -> Int {
        try FileManager.default.subpathsOfDirectory(atPath: folder.string).count { name in
            // A file that went between the listing and the look is none.
            let attributes = try? FileManager.default.attributesOfItem(atPath: folder.appending(name).string)
            return attributes?[.type] as? FileAttributeType == .typeRegular && !name.hasPrefix("jobs.db")
        }
    }

    static func head(_ method: String, _ target: String, _ fields: [String: String], length: Int) -> String {
        var lines = ["\(method) \(target) HTTP/1.1"]
        if fields["Host"] == nil { lines.append("Host: localhost") }
        lines += fields.map { "\($0): \($1)" }
        if length > 0 || method == "POST" { lines.append("Content-Length: \(length)") }
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }
}

/// Brings pictures from URLs that nobody serves.
struct PlayedFetcher: SourceFetcher {
    var answers: [String: Result<[UInt8], FetchError>] = [:]

    func fetch(_ url: SourceURL, to path: FilePath, limit: Int) async throws -> Int {
        let bytes = try (answers["\(url)"] ?? .failure(.status(404, retryAfter: nil))).get()
        try Data(bytes).write(to: URL(filePath: path.string))
        return bytes.count
    }
}

/// A part of a multipart body.
struct Part {
    let header: String
    let content: [UInt8]

    static func file(_ name: String, _ content: [UInt8], field: String = "file") -> Part {
        Part(
            header: "Content-Disposition: form-data; name=\"\(field)\"; filename=\"\(name)\"\r\n"
                + "Content-Type: application/octet-stream", content: content)
    }

    static func field(_ name: String, _ value: String) -> Part {
        Part(header: "Content-Disposition: form-data; name=\"\(name)\"", content: Array(value.utf8))
    }

    static let boundary = "a-boundary.of/tests"
    static let contentType = "multipart/form-data; boundary=\"\(boundary)\""

    static func body(_ parts: [Part]) -> [UInt8] {
        var body: [UInt8] = []
        for part in parts { body += Array("--\(boundary)\r\n\(part.header)\r\n\r\n".utf8) + part.content + [13, 10] }
        return body + Array("--\(boundary)--\r\n".utf8)
    }
}

/// Keeps what is logged.
struct LogBook: LogHandler {
    private let lines = Lines()
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    private final class Lines: Sendable {
        let all = Mutex<[Line]>([])
    }

    struct Line: Sendable {
        let level: Logger.Level
        let message: String
        let metadata: Logger.Metadata
    }

    var all: [Line] { lines.all.withLock { $0 } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let line = Line(
            level: event.level, message: "\(event.message)",
            metadata: metadata.merging(event.metadata ?? [:]) { $1 })
        lines.all.withLock { $0.append(line) }
    }
}
