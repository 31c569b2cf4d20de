import ArgumentParser
import SystemPackage

/// How the program ends when it cannot go on: one line on standard error, and an exit code that scripts can tell apart.
enum Exit {
    /// Runs `body`; where the configuration will not do, says so and ends with 78.
    static func onConfigurationError<R>(_ body: () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch let error as ConfigurationError {
            say("\(error)")
            throw ExitCode(ConfigurationError.exitCode)
        }
    }

    static func say(_ message: String) {
        _ = try? FileDescriptor.standardError.writeAll(Array("tintype: \(message)\n".utf8))
    }
}
