/// Which part of a picture is kept where not all of it is, and where a smaller one lies.
enum Gravity: String, CaseIterable, Sendable {
    case center, top, bottom, left, right
    case topLeft = "top_left"
    case topRight = "top_right"
    case bottomLeft = "bottom_left"
    case bottomRight = "bottom_right"
    /// Where the picture is most salient; see ``Saliency``.
    case smart

    /// Those that are places whatever the picture shows.
    static let places = allCases.filter { $0 != .smart }

    /// The middle as long as nobody has looked.
    var focus: Focus {
        switch self {
        case .center, .smart: Focus(x: 0.5, y: 0.5)
        case .top: Focus(x: 0.5, y: 0)
        case .bottom: Focus(x: 0.5, y: 1)
        case .left: Focus(x: 0, y: 0.5)
        case .right: Focus(x: 1, y: 0.5)
        case .topLeft: Focus(x: 0, y: 0)
        case .topRight: Focus(x: 1, y: 0)
        case .bottomLeft: Focus(x: 0, y: 1)
        case .bottomRight: Focus(x: 1, y: 1)
        }
    }
}

/// How what is left over is shared between the sides: 0 cuts all of it off on the right, or below, 1 on the left, or above.
struct Focus: Hashable, Sendable {
    var x, y: Double

    /// The same in a picture before it is turned upright.
    func stored(_ turn: Orientation) -> Focus {
        switch turn {
        case .upright: self
        case .mirrored: Focus(x: 1 - x, y: y)
        case .rotated180: Focus(x: 1 - x, y: 1 - y)
        case .flipped: Focus(x: x, y: 1 - y)
        case .transposed: Focus(x: y, y: x)
        case .rotated90: Focus(x: y, y: 1 - x)
        case .transversed: Focus(x: 1 - y, y: 1 - x)
        case .rotated270: Focus(x: 1 - y, y: x)
        }
    }
}
