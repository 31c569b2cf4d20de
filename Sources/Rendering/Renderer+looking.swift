import Codecs
import Imaging

extension Renderer {
    /// Looks at the picture for each operation that has to see it, as the steps before leave it, and gives the operations as
    /// they are to be done.
    ///
    /// Each look decodes the picture once more, small where that will do. Of an animation the first frame is looked at.
    func looked(
        at image: EncodedImage, _ codec: any ImageCodec.Type, _ header: ImageHeader, _ operations: [any Operation],
        _ seconds: SecondPictures, keepsProfile: Bool, _ checkpoint: (Double?) throws -> Void
    ) throws -> [any Operation] {
        var settled: [any Operation] = []
        for operation in operations {
            guard let look = operation.look else {
                settled.append(operation)
                continue
            }
            let smaller = look.side.map { [Thumbnail(side: $0)] } ?? []
            let course = try Course(settled + smaller, for: header, limits: limits, seconds)
            let held = header.heldByteCount + course.wholePictureByteCount(of: header.decodedLayout())
            try withoutActuallyEscaping(checkpoint) { checkpoint in
                let watch = Watch(rowCount: .max, checkpoint)
                try reserving(held, checkpoint) {
                    defer { seconds.forget() }
                    let decoder = try codec.decoder(for: image, course.decodeRequest(keepsProfile: keepsProfile, watch))
                    settled.append(try look.decide(course.source(reading: decoder, watch)))
                }
            }
        }
        return settled
    }
}
