/// A width and a height in pixels.
package struct Size: Hashable, Sendable, CustomStringConvertible {
    package var width: Int
    package var height: Int

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// Width times height, in pixels; `Int.max` where that overflows.
    package var area: Int {
        let (product, overflow) = width.multipliedReportingOverflow(by: height)
        return overflow ? Int.max : product
    }

    /// The same picture turned by a quarter.
    package var transposed: Size { Size(width: height, height: width) }

    package var description: String { "\(width)×\(height)" }
}
