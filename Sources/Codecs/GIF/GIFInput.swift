import CGIF

/// The bytes that giflib reads, in order.
///
/// Past the end it reads zeros: they end every block and are no record, so giflib stops there by itself, and a picture that
/// lacks only its trailer is whole.
@safe final class GIFInput {
    private let image: EncodedImage
    private var position = 0
    private(set) var ranOut = false

    init(_ image: EncodedImage) { self.image = image }

    private func read(into target: UnsafeMutableRawBufferPointer) {
        let available = min(target.count, image.byteCount - position)
        if available < target.count { ranOut = true }
        unsafe target.copyMemory(
            from: UnsafeRawBufferPointer(rebasing: image.pointer[position..<position + available]))
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[available...]).initializeMemory(
            as: UInt8.self, repeating: 0)
        position += available
    }

    /// What giflib calls. The file's user data is the input, which its reader keeps alive.
    static let callback: InputFunc = { gif, bytes, count in
        guard let gif = unsafe gif, let bytes = unsafe bytes, let owner = unsafe gif.pointee.UserData, count > 0 else {
            return 0
        }
        let input = unsafe Unmanaged<GIFInput>.fromOpaque(owner).takeUnretainedValue()
        unsafe input.read(into: UnsafeMutableRawBufferPointer(start: bytes, count: Int(count)))
        return count
    }
}
