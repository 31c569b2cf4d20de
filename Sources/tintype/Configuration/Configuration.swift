import Configuration
import Jobs
import Logging
import SystemPackage

/// The settings in force: the environment's, then those of a `.env` file in the working directory, then the defaults.
struct Configuration: Sendable {
    /// Where a value came from.
    enum Origin: String, Sendable {
        case environment
        case file = ".env"
        case byDefault = "default"
    }

    private let environment: EnvironmentVariablesProvider
    private let file: EnvironmentVariablesProvider

    /// Reads and checks all of them.
    ///
    /// - Parameter path: the file; `nil` for a child of the service, whose settings are those that the service began with,
    ///   whatever stands in the file by now.
    /// - Throws: ``ConfigurationError``, for the first that does not fit.
    static func load(from path: String? = ".env") async throws -> Configuration {
        let configuration = Configuration(
            environment: EnvironmentVariablesProvider(),
            file: EnvironmentVariablesProvider(environmentVariables: try path.map(EnvironmentFile.read) ?? [:]))
        for setting in Settings.all {
            if let (text, _) = configuration.text(of: setting), !setting.accepts(text) {
                throw ConfigurationError.invalid(
                    name: setting.name, given: setting.shown(text), allowed: setting.allowed)
            }
        }
        return configuration
    }

    /// What stands in a variable, and where; an empty variable counts as one that is not set.
    func text(of setting: any AnySetting) -> (text: String, origin: Origin)? {
        for (provider, origin) in [(environment, Origin.environment), (file, .file)] {
            if let text = try? provider.environmentValue(forName: setting.name), !text.isEmpty {
                return (text, origin)
            }
        }
        return setting.defaultText.map { ($0, .byDefault) }
    }

    /// Every setting with what it holds, secrets hidden; `nil` where it is not set and has no default.
    var inForce: [(name: String, value: String?, origin: Origin, summary: String)] {
        Settings.all.map { setting in
            let found = text(of: setting)
            return (setting.name, found.map { setting.shown($0.text) }, found?.origin ?? .byDefault, setting.summary)
        }
    }

    /// What stands in variables that another program's conventions name.
    func variables(named names: [String]) -> [String: String] {
        names.reduce(into: [:]) { variables, name in
            let values = [environment, file].lazy.compactMap { try? $0.environmentValue(forName: name) }
            variables[name] = values.first { !$0.isEmpty }
        }
    }

    /// The value in force; `nil` where the setting is not set and has no default.
    subscript<Value>(_ setting: Setting<Value>) -> Value? {
        text(of: setting).flatMap { setting.parse($0.text) }
    }

    /// The value in force of a setting that has a default.
    func value<Value>(of setting: Setting<Value>) throws(ConfigurationError) -> Value {
        guard let value = self[setting] else {
            throw .invalid(name: setting.name, given: "nothing", allowed: setting.allowed)
        }
        return value
    }
}

/// Why the program cannot start as it is set up.
enum ConfigurationError: Error, CustomStringConvertible {
    case invalid(name: String, given: String, allowed: String)
    case unusable(reason: String)

    /// Runs `body`, and says what cannot be used where it throws.
    static func explaining<R>(_ what: String, _ body: () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch let error as ConfigurationError {
            throw error
        } catch JobStoreError.unavailable(let reason), ObjectStorageError.unavailable(let reason) {
            throw ConfigurationError.unusable(reason: "\(what): \(reason)")
        } catch JobStoreError.full, ObjectStorageError.full {
            throw ConfigurationError.unusable(reason: "\(what): there is no room")
        } catch {
            throw ConfigurationError.unusable(reason: "\(what): \(error)")
        }
    }

    var description: String {
        switch self {
        case .invalid(let name, let given, let allowed): "\(name) is \(given); allowed is \(allowed)"
        case .unusable(let reason): reason
        }
    }

    /// `EX_CONFIG` of sysexits.h.
    static let exitCode: Int32 = 78
}
