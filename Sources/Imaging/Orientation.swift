/// How stored rows lie in the upright picture: the values of EXIF 2.32, tag 0x0112.
package enum Orientation: UInt8, Sendable, Hashable, CaseIterable {
    case upright = 1
    case mirrored = 2
    case rotated180 = 3
    case flipped = 4
    case transposed = 5
    case rotated90 = 6
    case transversed = 7
    case rotated270 = 8

    /// Whether turning the picture upright exchanges its sides.
    package var exchangesSides: Bool { rawValue >= 5 }

    /// Whether each row of the upright picture is a stored row in the same place, so that no more than that is held.
    package var keepsRows: Bool { self == .upright || self == .mirrored }
}
