import Imaging

/// How far libjpeg scales a picture down while it decodes: eighths of the size.
///
/// Only halves: 12 megapixels take 37 ms in full, and 31, 29 and 27 ms at 4, 2 and 1 eighths, for which libjpeg-turbo 2.1.5 has
/// vector code; but 34 ms at 3, which a smaller result hardly wins back, and 47, 53 and 63 ms at 5, 6 and 7.
struct JPEGScale: Equatable {
    let eighths: Int

    /// The smallest scale that leaves both sides at least as long.
    init(of size: Size, atLeast least: Size?) {
        guard let least else {
            eighths = 8
            return
        }
        eighths =
            [1, 2, 4].first { eighths in
                let scaled = Self(eighths: eighths).size(of: size)
                return scaled.width >= least.width && scaled.height >= least.height
            } ?? 8
    }

    private init(eighths: Int) { self.eighths = eighths }

    /// Each side rounded up, as libjpeg does.
    func size(of size: Size) -> Size {
        Size(width: (size.width * eighths + 7) / 8, height: (size.height * eighths + 7) / 8)
    }
}
