import Imaging

/// Draws a GIF's frames over one another, as their control blocks say (GIF 89a, section 23).
final class GIFFrameSource: FrameSource {
    private let reader: GIFReader
    private let layout: RowLayout
    private var canvas: [UInt8]
    /// The frame that was drawn last.
    private var last: GIFReader.Frame?
    /// The canvas before that frame, where it has to be restored.
    private var saved: [UInt8] = []

    var playCount: Int { reader.playCount }

    init(_ reader: GIFReader) throws(DecodeError) {
        self.reader = reader
        layout = RowLayout(size: reader.canvas, format: .rgba8, isOpaque: false)
        canvas = [UInt8](repeating: 0, count: try layout.pictureByteCount(in: .gif))
    }

    func nextFrame() throws -> Frame? {
        if let last {
            guard try reader.advance() else { return nil }
            dispose(of: last)
        }
        let frame = reader.frame
        // The limits were asked for the canvas. A frame may lie beside it, but need not be larger.
        guard frame.size.area <= layout.size.area else {
            throw DecodeError.malformed(.gif, reason: "a frame of \(frame.size) on a canvas of \(layout.size)")
        }
        let indices = try reader.readFrame()
        if frame.control.disposal == .restore { saved = canvas }
        draw(indices, of: frame)
        last = frame
        return Frame(rows: HeldRows(layout, canvas), milliseconds: frame.control.delay * 10)
    }

    private func dispose(of frame: GIFReader.Frame) {
        switch frame.control.disposal {
        case .keep: break
        case .restore: canvas = saved
        case .clear:
            let (columns, rows) = visiblePart(of: frame)
            for y in rows {
                let start = y * layout.rowByteCount
                for i in start + columns.lowerBound * 4..<start + columns.upperBound * 4 { canvas[i] = 0 }
            }
        }
    }

    private func draw(_ indices: [UInt8], of frame: GIFReader.Frame) {
        let (columns, rows) = visiblePart(of: frame)
        let colors = reader.colors
        unsafe canvas.withUnsafeMutableBytes { canvas in
            for y in rows {
                let source = (y - frame.y) * frame.size.width - frame.x
                let target = y * layout.rowByteCount
                for x in columns {
                    let color = colors[Int(indices[source + x])]
                    if color.w == 0 { continue }
                    unsafe canvas.storeBytes(of: color, toByteOffset: target + x * 4, as: SIMD4<UInt8>.self)
                }
            }
        }
    }

    /// What of a frame lies on the canvas.
    private func visiblePart(of frame: GIFReader.Frame) -> (columns: Range<Int>, rows: Range<Int>) {
        (
            (frame.x..<frame.x + frame.size.width).clamped(to: 0..<layout.size.width),
            (frame.y..<frame.y + frame.size.height).clamped(to: 0..<layout.size.height)
        )
    }
}
