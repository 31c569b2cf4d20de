import Imaging

/// Writes an animation: of each frame only the rectangle that changes, with a palette of its own, and transparent where it
/// shows what was there before.
///
/// A pixel that becomes transparent can only be had by clearing the frame before it, so a frame is written once the next one
/// is known.
final class GIFFrameEncoder: FrameSink {
    private let layout: RowLayout
    private let output: OutputOptions
    private let writer: GIFWriter
    /// What is to be seen before the pending frame is drawn.
    private var shown: [UInt8]
    private var pending: (pixels: [UInt8], milliseconds: Int)?
    /// The time of the frames that were written, as it should be and as it is in the file, which counts in hundredths.
    private var milliseconds = 0
    private var hundredths = 0

    init(_ size: Size, playCount: Int, _ output: OutputOptions, into bytes: any ByteSink) throws {
        try GIFEncoder.check(size)
        layout = RowLayout(size: size, format: .rgba8, isOpaque: false)
        self.output = output
        shown = [UInt8](repeating: 0, count: layout.rowByteCount * size.height)
        writer = try GIFWriter(bytes)
        try writer.writeScreen(size, palette: nil)
        try writer.writePlayCount(playCount)
    }

    func writeFrame(_ pixels: consuming [UInt8], milliseconds: Int) throws {
        var frame = pixels
        Self.makeAlphaBinary(&frame)
        guard let before = pending else {
            pending = (frame, milliseconds)
            return
        }
        if frame == before.pixels {
            pending?.milliseconds += milliseconds
            return
        }
        try write(before.pixels, before.milliseconds, clears: Self.uncovers(before.pixels, frame))
        pending = (frame, milliseconds)
    }

    func finish() throws {
        if let last = pending { try write(last.pixels, last.milliseconds, clears: false) }
        try writer.close()
    }

    /// - Parameter clears: whether nothing of the frame is left when the next one is drawn.
    private func write(_ pixels: [UInt8], _ duration: Int, clears: Bool) throws {
        let place = clears ? GIFWriter.Place(size: layout.size) : changedPlace(pixels)
        let part = RowLayout(size: place.size, format: .rgba8, isOpaque: false)
        let picture = IndexedPicture(changes(pixels, place), part, output)
        milliseconds += duration
        let end = (milliseconds + 5) / 10
        let control = GIFControl(
            disposal: clears ? .clear : .keep, delay: min(max(end - hundredths, 0), Int(UInt16.max)),
            transparentIndex: picture.transparentIndex)
        hundredths = end
        try writer.writeFrame(picture.indices, place, control, palette: picture.palette)
        shown = clears ? [UInt8](repeating: 0, count: pixels.count) : pixels
    }

    /// The smallest rectangle around all pixels that differ from what is shown; one pixel where none does.
    private func changedPlace(_ pixels: [UInt8]) -> GIFWriter.Place {
        let width = layout.size.width, height = layout.size.height
        var (left, right, top, bottom) = (width, 0, height, 0)
        for y in 0..<height {
            let row = y * width
            guard let first = (0..<width).first(where: { differs(pixels, row + $0) }),
                let last = (0..<width).last(where: { differs(pixels, row + $0) })
            else { continue }
            (left, right) = (min(left, first), max(right, last + 1))
            (top, bottom) = (min(top, y), y + 1)
        }
        guard right > left else { return GIFWriter.Place(size: Size(width: 1, height: 1)) }
        return GIFWriter.Place(x: left, y: top, size: Size(width: right - left, height: bottom - top))
    }

    /// The rows of a rectangle, transparent where they show nothing new.
    private func changes(_ pixels: [UInt8], _ place: GIFWriter.Place) -> [UInt8] {
        var part: [UInt8] = []
        part.reserveCapacity(place.size.area * 4)
        for y in place.y..<place.y + place.size.height {
            for pixel in y * layout.size.width + place.x..<y * layout.size.width + place.x + place.size.width {
                if differs(pixels, pixel) {
                    part.append(contentsOf: pixels[pixel * 4..<pixel * 4 + 4])
                } else {
                    part.append(contentsOf: [0, 0, 0, 0])
                }
            }
        }
        return part
    }

    private func differs(_ pixels: [UInt8], _ pixel: Int) -> Bool {
        let i = pixel * 4
        return pixels[i + 3] != shown[i + 3] || pixels[i] != shown[i] || pixels[i + 1] != shown[i + 1]
            || pixels[i + 2] != shown[i + 2]
    }

    /// Whether a pixel is to be seen through in the second frame and not in the first.
    private static func uncovers(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        stride(from: 3, to: first.count, by: 4).contains { first[$0] != 0 && second[$0] == 0 }
    }

    /// A pixel of a GIF is either there or not; all that are not are alike.
    private static func makeAlphaBinary(_ pixels: inout [UInt8]) {
        for i in stride(from: 0, to: pixels.count, by: 4) {
            if pixels[i + 3] >= 128 {
                pixels[i + 3] = 255
            } else {
                for channel in 0..<4 { pixels[i + channel] = 0 }
            }
        }
    }
}
