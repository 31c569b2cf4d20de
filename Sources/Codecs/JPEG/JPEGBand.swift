import CJPEG
import Imaging

/// Where the rows of luma and chroma lie in a band: as many of each as libjpeg codes together, plane by plane.
struct JPEGBand {
    private let planes: [cjpeg_plane]
    /// The first byte of each plane.
    private let starts: [Int]
    let byteCount: Int

    init(_ planes: [cjpeg_plane]) {
        self.planes = planes
        var starts: [Int] = []
        var byteCount = 0
        for plane in planes {
            starts.append(byteCount)
            byteCount += Int(plane.stride) * Int(plane.band_height)
        }
        self.starts = starts
        self.byteCount = byteCount
    }

    /// Rows of a plane in each band.
    func height(_ plane: Int) -> Int { Int(planes[plane].band_height) }

    func size(_ plane: Int) -> Size { Size(width: Int(planes[plane].width), height: Int(planes[plane].height)) }

    func extent(_ plane: Int) -> RealSize {
        RealSize(width: planes[plane].covered_width, height: planes[plane].covered_height)
    }

    /// The bytes of a row of a plane, counted from the top of the picture, in the band that holds it.
    func place(of row: Int, _ plane: Int) -> Range<Int> {
        let start = starts[plane] + row % height(plane) * Int(planes[plane].stride)
        return start..<start + Int(planes[plane].width)
    }
}
