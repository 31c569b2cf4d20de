import ArgumentParser
import Imaging
import SystemPackage

/// The command line: one binary, a sub-command for each role.
@main
struct Tintype: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tintype",
        abstract:
            "Develops pictures: takes them in over HTTP and resizes, filters and converts them in the background.",
        discussion:
            "Settings come from the environment and from .env; `tintype config` lists them. `tintype --version --json` "
            + "tells the libraries too.",
        version: version,
        subcommands: [Serve.self, API.self, Worker.self, Render.self, Describe.self, Healthcheck.self, Config.self],
        defaultSubcommand: Serve.self)

    static let version = "0.1.0"

    static func main() async {
        if Array(CommandLine.arguments.dropFirst()) == ["--version", "--json"] {
            let libraries = CLibraries.versions.mapValues { JSONValue.string($0) }
            print(JSONValue.object(["version": .string(version), "libraries": .object(libraries)]).text)
            Exit.now()
        }
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            let code = exitCode(for: error)
            let message = fullMessage(for: error)
            let output: FileDescriptor = code.isSuccess ? .standardOutput : .standardError
            if !message.isEmpty { _ = try? output.writeAll(Array("\(message)\n".utf8)) }
            Exit.now(code)
        }
        Exit.now()
    }
}
