import ArgumentParser

struct Config: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the settings in force and where each comes from; secrets are hidden.")

    @Flag(help: "Print the table of the documents instead: names, defaults and meanings.")
    var markdown = false

    func run() async throws {
        if markdown {
            print(Self.table)
            return
        }
        let configuration = try await Exit.onConfigurationError { try await Configuration.load() }
        for setting in configuration.inForce {
            print("\(setting.name)=\(setting.value ?? "(not set)")  # \(setting.origin.rawValue)")
        }
    }

    private static var table: String {
        let rows = Settings.all.map { setting in
            "| `\(setting.name)` | \(setting.defaultText.map { "`\($0)`" } ?? "") | \(setting.summary) |"
        }
        return (["| variable | default | meaning |", "| --- | --- | --- |"] + rows).joined(separator: "\n")
    }
}
