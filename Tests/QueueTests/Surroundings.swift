import FoundationEssentials
import Subprocess
import SystemPackage

/// Reads what the script that runs the tests sets; a test without it fails.
func required(_ name: String) throws -> String {
    guard let value = ProcessInfo.processInfo.environment[name] else { throw MissingVariable(name: name) }
    return value
}

/// A server's address is missing: the tests are started by `scripts/test.sh`, which starts the servers.
struct MissingVariable: Error, CustomStringConvertible {
    let name: String
    var description: String {
        "\(name) is not set: run scripts/test.sh, which starts the servers and says where they are"
    }
}

/// Runs a program to its end, and returns what it printed.
/// - Throws: where it ends with anything but 0.
@discardableResult
func run(_ program: String, _ arguments: [String]) async throws -> String {
    let outcome = try await Subprocess.run(
        program.contains("/") ? .path(.init(program)) : .name(program), arguments: .init(arguments),
        output: .string(limit: 65536), error: .string(limit: 65536))
    guard outcome.terminationStatus.isSuccess else {
        throw ProgramFailed(program: program, error: outcome.standardError)
    }
    return outcome.standardOutput
}

struct ProgramFailed: Error {
    let program: String
    let error: String
}

/// The script that runs the servers.
struct Services {
    private let script: String

    init() throws { script = try required("TEST_SERVICES") }

    /// Kills the server, as a crash of its machine would.
    func crash(_ name: String) async throws { try await run(script, ["crash", name]) }

    /// Starts it again on the same data, and waits until it answers.
    func start(_ name: String) async throws { try await run(script, ["start", name]) }
}
