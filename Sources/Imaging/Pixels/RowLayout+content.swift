extension Size {
    /// The longest side that any of our formats can hold: JPEG's.
    package static let longestSide = 65_500

    var real: RealSize { RealSize(width: Double(width), height: Double(height)) }
}

/// A width and a height that may end within a pixel.
package struct RealSize: Hashable, Sendable {
    package var width, height: Double

    package init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }
}

extension RowLayout {
    /// How many of these pixels a picture of size `full` covers after a decoder shrank it to this layout.
    ///
    /// libjpeg scales by eighths and rounds up, so the last column and row may stand for less than a pixel: 2725 × 3/8 are
    /// 1021.875 of 1022 columns. Taking them for whole ones would stretch the picture.
    func content(of full: Size) -> RealSize {
        // All sides below 8 are seven eighths of themselves, rounded up.
        if size == full { return size.real }
        for eighths in 1..<8 {
            let exact = RealSize(
                width: Double(full.width * eighths) / 8, height: Double(full.height * eighths) / 8)
            if Int(exact.width.rounded(.up)) == size.width, Int(exact.height.rounded(.up)) == size.height {
                return exact
            }
        }
        return size.real
    }
}
