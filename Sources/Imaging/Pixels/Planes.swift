/// A picture as luma and two planes of chroma: JFIF's YCbCr, 8 bits each, in which JPEG keeps its pictures.
///
/// Whatever mixes the samples of each channel and nothing else gives the same here as on RGB, but for where that would
/// have been clipped, and has far less to do: nothing is converted, and most chroma has a quarter of the samples.
package struct Planes {
    package var luma, blue, red: Plane

    package init(luma: Plane, blue: Plane, red: Plane) {
        self.luma = luma
        self.blue = blue
        self.red = red
    }

    /// - Parameters:
    ///   - input: the size that the picture has by the plan.
    ///   - chroma: of the result.
    package func filtered(_ filtering: Filtering, of input: Size, chroma: ChromaSampling) -> Planes {
        switch filtering {
        case .resampling(let resampling):
            return resampled(resampling, of: input, chroma)
        case .blur(let sigma):
            let whole = Resampling(
                columns: 0..<Double(input.width), rows: 0..<Double(input.height), size: input)
            var planes = resampled(whole, of: input, chroma)
            let share = chroma.extent(of: input).width / Double(input.width)
            planes.luma = planes.luma.blurred(sigma)
            planes.blue = planes.blue.blurred(sigma * share)
            planes.red = planes.red.blurred(sigma * share)
            return planes
        }
    }

    private func resampled(_ resampling: Resampling, of input: Size, _ chroma: ChromaSampling) -> Planes {
        let lumaFilter = luma.filter(resampling, of: input, .full)
        let blueFilter = blue.filter(resampling, of: input, chroma)
        let redFilter = red.liesOn(blue) ? blueFilter : red.filter(resampling, of: input, chroma)
        let extent = chroma.extent(of: resampling.size)
        return Planes(
            luma: Plane(rows: lumaFilter.applied(to: luma.rows), extent: resampling.size.real),
            blue: Plane(rows: blueFilter.applied(to: blue.rows), extent: extent),
            red: Plane(rows: redFilter.applied(to: red.rows), extent: extent))
    }
}

/// One channel of a picture: gray rows, with as many samples as it needs.
package struct Plane {
    package let rows: any RowSource
    /// How many of the samples the picture covers: it may end within the last.
    package let extent: RealSize

    package init(rows: any RowSource, extent: RealSize) {
        precondition(rows.layout.format == .gray8)
        self.rows = rows
        self.extent = extent
    }

    /// - Parameter sigma: in samples.
    fileprivate func blurred(_ sigma: Double) -> Plane {
        Plane(rows: GaussianBlur.blurring(rows, sigma: sigma), extent: extent)
    }

    /// Whether the samples of both are in the same places.
    fileprivate func liesOn(_ other: Plane) -> Bool {
        rows.layout.size == other.rows.layout.size && extent == other.extent
    }

    fileprivate func filter(_ resampling: Resampling, of input: Size, _ sampling: ChromaSampling) -> LanczosFilter {
        LanczosFilter(
            from: rows.layout.size,
            columns: resampling.columns.scaled(by: extent.width / Double(input.width)),
            rows: resampling.rows.scaled(by: extent.height / Double(input.height)),
            to: sampling.size(of: resampling.size), extent: sampling.extent(of: resampling.size))
    }
}

/// How many pixels share a sample of chroma, which lies in their middle.
package enum ChromaSampling: Sendable, Hashable {
    /// 4:4:4: each has its own.
    case full
    /// 4:2:0: two by two.
    case quarter

    /// The samples of a plane for a picture of this size, each side rounded up.
    package func size(of picture: Size) -> Size {
        switch self {
        case .full: picture
        case .quarter: Size(width: (picture.width + 1) / 2, height: (picture.height + 1) / 2)
        }
    }

    func extent(of picture: Size) -> RealSize {
        switch self {
        case .full: picture.real
        case .quarter: RealSize(width: Double(picture.width) / 2, height: Double(picture.height) / 2)
        }
    }
}
