/// Looks at whole pictures to say what is in them.
package protocol PictureDescriber: Sendable {
    /// Measures a picture. Cancelling the task ends the work soon.
    ///
    /// - Parameter timeout: how long it may be worked on, waiting for a thread or memory not counted.
    /// - Throws: ``PictureError``, or `CancellationError`.
    func measure(_ source: LocalBytes, timeout: Duration) async throws -> PictureMeasures

    /// Makes what a vision service is sent: the picture upright, in sRGB, on white where it is transparent, inside
    /// 1024 × 1024 pixels, as a JPEG without metadata.
    ///
    /// - Throws: as ``measure(_:timeout:)``.
    func preview(_ source: LocalBytes, timeout: Duration) async throws -> [UInt8]
}
