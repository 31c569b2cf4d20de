package import Codecs
package import Imaging
package import Jobs

/// Develops one source by one plan, on the thread that calls it.
package struct Renderer: Sendable {
    package let limits: Limits
    private let budget: MemoryBudget?

    /// - Parameter budget: what whole pictures are counted against, shared with the other renderers of the process; `nil`
    ///   counts nothing.
    package init(limits: Limits = Limits(), budget: MemoryBudget? = nil) {
        self.limits = limits
        self.budget = budget
    }

    /// What was made.
    package struct Output: Sendable, Hashable {
        package let format: ImageFormat
        package let size: Size
        /// Zero until it is made.
        package fileprivate(set) var stages = StageTimes()
        /// What the plan asks of the picture.
        package fileprivate(set) var facts: [Fact] = []
    }

    /// Reads what a source is, and whether any plan could be applied to it.
    ///
    /// - Throws: ``DecodeError``, ``LimitError/sourceTooLarge(size:limit:)``.
    package func probe(_ image: EncodedImage) throws -> ImageHeader {
        let header = try Self.codec(of: image).header(of: image)
        try limits.check(header)
        return header
    }

    /// Finds what a plan comes to for a source, without decoding it: at most so large, where a step depends on what the
    /// picture shows.
    ///
    /// - Throws: as ``render(_:by:with:into:checkpoint:)`` does before it decodes.
    private func output(of header: ImageHeader, by plan: Plan, _ course: Course) throws -> Output {
        try limits.check(header, isShrunk: course.shrinks(header))
        if course.isSizeCertain { try limits.check(result: course.size) }
        return Output(format: plan.output.format ?? header.format, size: course.size)
    }

    /// Decodes, applies the plan and encodes.
    ///
    /// A plan that only compresses, and to the source's own format, never gives a larger file: where it would, the
    /// result is the source, without its metadata unless the plan keeps it. (A picture that must be turned upright, a page but
    /// the first, and a TIFF whose metadata is to go, are written anew all the same.)
    ///
    /// - Parameters:
    ///   - image: the source file's bytes.
    ///   - files: those of the files that the plan names, by what it calls them.
    ///   - bytes: takes the result's; they are worthless where this throws.
    ///   - checkpoint: called about every 16 rows with the part of the result that is done, 0…1, and with `nil` while and
    ///     after other pictures have the memory that this one needs; what it throws (the time is up, the job was canceled)
    ///     ends the work.
    /// - Throws: ``DecodeError``, ``EncodeError``, ``PlanError``, ``LimitError``, the same of a file that the plan names, or
    ///   what `checkpoint` or `bytes` threw.
    package func render(
        _ image: EncodedImage, by plan: Plan, with files: [String: EncodedImage] = [:], into bytes: any ByteSink,
        checkpoint: (Double?) throws -> Void
    ) throws -> Output {
        let codec = try Self.codec(of: image)
        let image = try Self.page(plan.output.page, of: image, codec)
        let header = try codec.header(of: image)
        let seconds = SecondPictures(files, limits: limits)
        let whole = try Course(plan.operations, for: header, limits: limits, seconds)
        _ = try output(of: header, by: plan, whole)
        var metadata = try keptMetadata(of: image, codec, header, by: plan, whole)
        let keepsProfile = metadata.profile != nil
        let looked = try looked(
            at: image, codec, header, plan.operations, seconds, keepsProfile: keepsProfile, checkpoint)
        let operations = looked.filter { !($0 is any FactOperation) }
        let course = try Course(operations, for: header, limits: limits, seconds)
        var output = try output(of: header, by: plan, course)
        output.facts = Self.facts(of: looked)
        metadata.describe(output.size)
        let work = try Work(image, codec, header, plan, output, course, metadata, limits: limits)
        try withoutActuallyEscaping(checkpoint) { checkpoint in
            let watch = Watch(rowCount: output.size.height * work.frameCount, checkpoint)
            try reserving(work.wholePictureByteCount, checkpoint) {
                if work.mayKeepSource {
                    try work.compress(into: bytes, watch)
                } else {
                    try work.develop(into: bytes, watch)
                }
            }
            output.stages = StageTimes(decode: watch.decoding.elapsed, encode: watch.encoding.elapsed)
        }
        return output
    }

    /// The same with other limits, and the same budget.
    func with(_ limits: Limits) -> Renderer { Renderer(limits: limits, budget: budget) }

    /// What the steps found out; of two with one name the last counts.
    private static func facts(of operations: [any Operation]) -> [Fact] {
        let facts = operations.compactMap { ($0 as? any FactOperation)?.fact }
        return facts.indices.filter { index in !facts[(index + 1)...].contains { $0.name == facts[index].name } }
            .map { facts[$0] }
    }

    func reserving<R>(
        _ byteCount: Int, _ checkpoint: (Double?) throws -> Void, _ body: () throws -> R
    ) throws -> R {
        guard let budget else { return try body() }
        return try budget.withBytes(byteCount, checkpoint: { try checkpoint(nil) }, body)
    }

    /// - Throws: ``PlanError/impossible(parameter:detail:)`` where the file has not so many.
    private static func page(
        _ number: Int, of image: EncodedImage, _ codec: any ImageCodec.Type
    ) throws(PlanError) -> EncodedImage {
        guard number != 1 else { return image }
        let count = codec.pageCount(of: image, upTo: number)
        guard number <= count else {
            throw .impossible(
                parameter: "page", detail: "the picture has \(count == 1 ? "one page" : "\(count) pages")")
        }
        return image.page(number)
    }

    static func codec(of image: EncodedImage) throws(DecodeError) -> any ImageCodec.Type {
        let codec = image.withBytes { bytes in
            Codecs.detect(bytes.extracting(first: Codecs.headByteCount))
        }
        guard let codec else { throw .unknownFormat }
        return codec
    }
}
