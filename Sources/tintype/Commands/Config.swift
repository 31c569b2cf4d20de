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
        for setting in Settings.all {
            let found = configuration.text(of: setting)
            let value = found.map { setting.shown($0.text) } ?? "(not set)"
            print("\(setting.name)=\(value)  # \(found?.origin.rawValue ?? "default")")
        }
    }

    private static var table: String {
        let rows = Settings.all.map { setting in
            "| `\(setting.name)` | \(setting.defaultText.map { "`\($0)`" } ?? "") | \(setting.summary) |"
        }
        return (["| variable | default | meaning |", "| --- | --- | --- |"] + rows).joined(separator: "\n")
    }
}
