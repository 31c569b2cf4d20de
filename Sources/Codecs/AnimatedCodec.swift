package import Imaging

/// A format whose files may hold several frames, to be shown one after another. From one such to another a picture stays
/// animated.
package protocol AnimatedCodec: ImageCodec {
    /// Prepares to decode the frames, each at its full size.
    ///
    /// - Throws: ``DecodeError``, here or from the source's methods.
    static func frames(of image: EncodedImage, _ request: DecodeRequest) throws -> any FrameSource

    /// Prepares to encode frames of a size.
    ///
    /// - Parameter playCount: how often they are to be shown; 0 for ever.
    /// - Throws: ``EncodeError``, or the byte sink's error, here or from the sink's methods.
    static func frameEncoder(
        for size: Size, playCount: Int, _ request: EncodeRequest, into bytes: any ByteSink
    ) throws -> any FrameSink
}

/// The frames of an animation, in order. A source belongs to one thread.
package protocol FrameSource: AnyObject {
    /// How often they are to be shown; 0 for ever.
    var playCount: Int { get }

    /// Makes the next frame: what is to be seen of the whole canvas at that time; `nil` behind the last one.
    func nextFrame() throws -> Frame?
}

package struct Frame {
    /// All frames of an animation have the same layout.
    package let rows: any RowSource
    /// How long it is shown.
    package let milliseconds: Int
}

/// Where frames end: an encoder of animations.
package protocol FrameSink: AnyObject {
    /// Takes the next frame.
    ///
    /// - Parameter pixels: all rows, four bytes a pixel as in ``PixelFormat/rgba8``.
    func writeFrame(_ pixels: consuming [UInt8], milliseconds: Int) throws

    /// Completes the file after the last frame; the bytes are whole only then.
    func finish() throws
}
