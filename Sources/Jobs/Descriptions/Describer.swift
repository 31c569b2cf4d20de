/// Describes pictures: by a vision service where there is one, else by what can be measured.
struct Describer: Sendable {
    private let eye: any PictureDescriber
    private let service: (any VisionService)?

    init(_ eye: any PictureDescriber, service: (any VisionService)?) {
        self.eye = eye
        self.service = service
    }

    /// - Parameter timeout: how long the picture may be looked at; the service has a limit of its own.
    /// - Throws: ``PictureError``, ``VisionError``, or `CancellationError`.
    func describe(_ source: LocalBytes, timeout: Duration) async throws -> Description {
        let measures = try await eye.measure(source, timeout: timeout)
        guard let service else { return Description(of: measures) }
        let answer = try await service.describe(jpeg: try await eye.preview(source, timeout: timeout))
        return Description(answer, of: measures)
    }
}
