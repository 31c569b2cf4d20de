import ArgumentParser

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Runs the API and its processors in one process.")

    func run() async throws { try await Deployment.run(.serve) }
}

struct API: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api", abstract: "Runs the API alone; workers do the developing.")

    func run() async throws { try await Deployment.run(.api) }
}

struct Worker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs processors alone; its port serves /health and /metrics.")

    func run() async throws { try await Deployment.run(.worker) }
}

/// What a process does.
enum Role: String, Sendable {
    case serve, api, worker

    var acceptsWork: Bool { self != .worker }
    var doesWork: Bool { self != .api }
}
