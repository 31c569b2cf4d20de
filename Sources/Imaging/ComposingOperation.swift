/// An operation that takes in a second picture, from a file that the plan names.
package protocol ComposingOperation: Operation {
    /// What the plan calls the file.
    var fileName: String { get }

    /// The size that the second picture is to have, in pixels.
    ///
    /// - Parameters:
    ///   - second: its own, upright.
    ///   - input: that of the picture which it is put into.
    func size(of second: Size, in input: Size) -> Size

    /// As ``Operation/stage(reading:of:)``.
    ///
    /// - Parameter second: of the size that was asked for.
    func stage(reading source: any RowSource, of input: Size, with second: SecondPicture) throws -> any RowSource
}

extension ComposingOperation {
    package func stage(reading source: any RowSource, of input: Size) throws -> any RowSource {
        throw PlanError.impossible(
            parameter: "operations", detail: "\(Self.specification.name) needs the file \(fileName), which is not there"
        )
    }
}

/// A picture that is put into another, made when a row first needs it.
package struct SecondPicture {
    /// In pixels.
    package let size: Size
    /// Whether every pixel is gray.
    package let isGray: Bool
    /// Its rows from the top, in ``PixelFormat/rgba8`` whatever it is.
    package let pixels: () throws -> [UInt8]

    /// - Parameter pixels: may be called again, and gives the same then.
    package init(size: Size, isGray: Bool, pixels: @escaping () throws -> [UInt8]) {
        self.size = size
        self.isGray = isGray
        self.pixels = pixels
    }
}
