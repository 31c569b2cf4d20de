package import Imaging
package import Jobs
package import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Misfortune on purpose, to try a deployment with: work that fails, and processes that die in the middle of it.
package struct Chaos: Sendable {
    /// The part of the tries that end in an error, 0…1.
    package var failureRate: Double
    /// The part of the tries that end the process, 0…1.
    package var crashRate: Double
    /// A source that holds this text, within ``poisonDepth``, ends every process that works on it.
    package var poison: String?

    package init(failureRate: Double, crashRate: Double, poison: String?) {
        self.failureRate = failureRate
        self.crashRate = crashRate
        self.poison = poison
    }

    /// How far into a source the poison is looked for, in bytes.
    private static let poisonDepth = 1 << 16

    /// - Throws: ``PictureError/failed(reason:)``, as often as the rate says.
    func maybeFail() throws {
        if Double.random(in: 0..<1) < failureRate { throw PictureError.failed(reason: "chaos: a failure on purpose") }
    }

    /// Ends the process at once, as the system's own killer would, where the dice or the source say so.
    package func maybeCrash(over source: FilePath) {
        if Double.random(in: 0..<1) < crashRate || isPoisonous(source) { _ = kill(getpid(), SIGKILL) }
    }

    private func isPoisonous(_ source: FilePath) -> Bool {
        guard let poison, let file = try? FileDescriptor.open(source, .readOnly) else { return false }
        defer { try? file.close() }
        var bytes = [UInt8](repeating: 0, count: Self.poisonDepth)
        let count = (try? unsafe bytes.withUnsafeMutableBytes { unsafe try file.read(into: $0) }) ?? 0
        return bytes[..<count].contains(poison.utf8)
    }
}

/// An engine that misfortune befalls.
package struct ChaosEngine: PictureRenderer, PictureDescriber {
    private let base: Workbench.Engine
    private let chaos: Chaos
    private let mayCrash: Bool

    /// - Parameter mayCrash: whether this process dies; false where `base` works in a child, which dies itself.
    package init(_ base: Workbench.Engine, chaos: Chaos, mayCrash: Bool) {
        self.base = base
        self.chaos = chaos
        self.mayCrash = mayCrash
    }

    package func render(
        _ source: FilePath, by plan: Plan, with files: [String: FilePath], to destination: FilePath, timeout: Duration,
        onProgress: @escaping @Sendable (Double) -> Void
    ) async throws -> RenderedPicture {
        try strike(over: .file(source))
        return try await base.renderer.render(
            source, by: plan, with: files, to: destination, timeout: timeout, onProgress: onProgress)
    }

    package func measure(_ source: LocalBytes, timeout: Duration) async throws -> PictureMeasures {
        try strike(over: source)
        return try await base.describer.measure(source, timeout: timeout)
    }

    /// Follows upon measures, and so is spared.
    package func preview(_ source: LocalBytes, timeout: Duration) async throws -> [UInt8] {
        try await base.describer.preview(source, timeout: timeout)
    }

    private func strike(over source: LocalBytes) throws {
        try chaos.maybeFail()
        if mayCrash, case .file(let path) = source { chaos.maybeCrash(over: path) }
    }
}
