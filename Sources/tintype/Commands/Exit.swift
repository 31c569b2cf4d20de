import ArgumentParser
import SystemPackage
import UnixSignals

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How the program ends: where it cannot go on, with one line on standard error and an exit code that scripts can tell
/// apart.
enum Exit {
    /// Ends the process and runs no exit handlers: those of C libraries, OpenSSL's for one, take away what threads that
    /// still connect to a backend are using, and the process would die of that.
    static func now(_ code: ExitCode = .success) -> Never {
        fflush(nil)
        _exit(code.rawValue)
    }

    /// Ends the process as the signal would have, which whoever started it may want to know.
    static func by(_ cause: UnixSignal) -> Never {
        signal(cause.rawValue, SIG_DFL)
        // Threads of libdispatch have it blocked.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, cause.rawValue)
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        raise(cause.rawValue)
        // As process 1 of a container, for which signals have no default.
        _exit(128 + cause.rawValue)
    }

    /// Whether a signal is to be ignored, as whoever started the process had it: a shell, for what runs in the background.
    static func ignores(_ cause: UnixSignal) -> Bool {
        let former = signal(cause.rawValue, SIG_IGN)
        if unsafe unsafeBitCast(former, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { return true }
        signal(cause.rawValue, former)
        return false
    }

    /// Lets SIGTERM and SIGINT end the process at once, with 0, until somebody else listens to them: what has not begun
    /// needs no drain. As process 1 of a container it would not hear them at all, for there they have no default.
    static func atOnceOnSignals() {
        for number in [SIGTERM, SIGINT] { signal(number) { _ in _exit(0) } }
    }

    /// Runs `body`; where the configuration will not do, says so and ends with 78.
    static func onConfigurationError<R>(_ body: () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch let error as ConfigurationError {
            say("\(error)")
            throw ExitCode(ConfigurationError.exitCode)
        }
    }

    /// One line, whatever was in the settings that it tells of.
    static func say(_ message: String) {
        let message = String(String.UnicodeScalarView(message.unicodeScalars.map { $0.value < 32 ? " " : $0 }))
        _ = try? FileDescriptor.standardError.writeAll(Array("tintype: \(message)\n".utf8))
    }
}
