/// What becomes of each level of red, green, blue or gray; alpha stays.
struct ToneCurve: Sendable {
    /// From levels to levels, 0…1 both; what is beyond is cut off.
    private let curve: @Sendable (Double) -> Double
    private let levels: [UInt8]
    /// Made only for deep rows, as it takes longer than to develop a thumbnail.
    private var deepLevels: [UInt16] = []

    init(_ curve: @escaping @Sendable (Double) -> Double) {
        self.curve = curve
        levels = Self.table(curve)
    }

    /// The same, ready for rows of a format.
    func prepared(for format: PixelFormat) -> ToneCurve {
        var prepared = self
        if format.isDeep { prepared.deepLevels = Self.table(curve) }
        return prepared
    }

    /// - Precondition: it is prepared for the format.
    func apply(to row: inout MutableSpan<UInt8>, format: PixelFormat) {
        if format.isDeep {
            row.withSamples(of: UInt16.self) { $0.replaceColors(by: deepLevels, format.channels) }
        } else {
            row.replaceColors(by: levels, format.channels)
        }
    }

    private static func table<S: Sample>(_ curve: (Double) -> Double) -> [S] {
        (0...Int(S.max)).map { S(part: curve(Double($0) / Double(S.max))) }
    }
}
