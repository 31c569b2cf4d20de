/// How a picture is brought to a width and a height.
enum ResizeFit: String, CaseIterable, Sendable, Hashable {
    /// Fills both sides, keeps the ratio, crops what stands over: on two sides alike, or as the gravity has it.
    case cover
    /// Lies inside both sides, keeps the ratio, is padded to them with transparency.
    case contain
    /// Is stretched to both sides.
    case fill
    /// Keeps the ratio and is as large as possible with no side longer than asked.
    case inside
    /// Keeps the ratio and is as small as possible with no side shorter than asked.
    case outside
}

/// What a resize comes to for a picture of a certain size.
struct ResizeGeometry: Hashable, Sendable {
    /// The part of the input that is resampled, in its pixels: centred, perhaps with fractions.
    var columns: Range<Double>
    var rows: Range<Double>
    /// What it is resampled to.
    var scaled: Size
    /// The result: larger than `scaled` where it is padded.
    var result: Size

    /// - Parameters:
    ///   - focus: which part is kept where something stands over.
    ///   - width: in pixels; `nil` where it follows from the height and the ratio, and likewise for the height.
    ///   - enlarges: whether the result may have more pixels along a side than what it is made from.
    init(of input: Size, width: Int?, height: Int?, fit: ResizeFit, focus: Focus, enlarges: Bool) {
        let (inputWidth, inputHeight) = (Double(input.width), Double(input.height))
        let across = width.map { Double($0) / inputWidth }
        let down = height.map { Double($0) / inputHeight }
        let most = enlarges ? Double.infinity : 1
        columns = 0..<inputWidth
        rows = 0..<inputHeight
        guard let width, let height, let across, let down else {
            scaled = Self.size(input, times: min(across ?? down ?? 1, most))
            result = scaled
            return
        }
        let wanted = Size(width: width, height: height)
        switch fit {
        case .cover:
            let scale = min(max(across, down), most)
            scaled = Size(
                width: min(width, Self.side(inputWidth * scale)), height: min(height, Self.side(inputHeight * scale)))
            columns = Self.part(of: inputWidth, Double(scaled.width) / scale, at: focus.x)
            rows = Self.part(of: inputHeight, Double(scaled.height) / scale, at: focus.y)
            result = scaled
        case .contain:
            scaled = Self.size(input, times: min(across, down, most))
            scaled = Size(width: min(scaled.width, width), height: min(scaled.height, height))
            result = wanted
        case .fill:
            scaled = enlarges ? wanted : Size(width: min(width, input.width), height: min(height, input.height))
            result = scaled
        case .inside:
            scaled = Self.size(input, times: min(across, down, most))
            scaled = Size(width: min(scaled.width, width), height: min(scaled.height, height))
            result = scaled
        case .outside:
            scaled = Self.size(input, times: min(max(across, down), most))
            result = scaled
        }
    }

    private static func side(_ length: Double) -> Int { max(1, Int(length.rounded())) }

    private static func part(of length: Double, _ part: Double, at focus: Double) -> Range<Double> {
        let spare = max(0, length - part)
        return spare * focus..<length - spare * (1 - focus)
    }

    private static func size(_ input: Size, times scale: Double) -> Size {
        Size(width: side(Double(input.width) * scale), height: side(Double(input.height) * scale))
    }
}
