package import Codecs
package import Imaging

/// Develops one source by one plan, on the thread that calls it.
package struct Renderer: Sendable {
    package let limits: Limits

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// What was made.
    package struct Output: Sendable, Hashable {
        package let format: ImageFormat
        package let size: Size
    }

    /// Decodes, applies the plan and encodes.
    ///
    /// - Parameters:
    ///   - image: the source file's bytes.
    ///   - bytes: takes the result's; they are worthless where this throws.
    ///   - checkpoint: called about every 16 rows with the part of the result that is done, 0…1; what it throws (the time
    ///     is up, the job was canceled) ends the work.
    /// - Throws: ``DecodeError``, ``EncodeError``, ``PlanError``, ``LimitError``, or what `checkpoint` or `bytes` threw.
    package func render(
        _ image: EncodedImage, by plan: Plan, into bytes: any ByteSink, checkpoint: (Double) throws -> Void
    ) throws -> Output {
        throw DecodeError.unknownFormat
    }
}
