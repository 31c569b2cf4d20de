import CGIF

/// The bytes that giflib reads, in order.
@safe final class GIFInput {
    private let image: EncodedImage
    private var position = 0
    private(set) var ranOut = false
    /// Whether the last thing that was read is an empty block, which ends a chain of them (GIF 89a, section 16).
    private(set) var isBehindBlocks = false

    init(_ image: EncodedImage) { self.image = image }

    /// Reads what there is, at most as much as was asked for; giflib gives up where that is less.
    private func read(into target: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(target.count, image.byteCount - position)
        if count < target.count { ranOut = true }
        unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: image.pointer[position..<position + count]))
        position += count
        isBehindBlocks = unsafe count == 1 && target[0] == 0
        return count
    }

    /// What giflib calls. The file's user data is the input, which its reader keeps alive.
    static let callback: InputFunc = { gif, bytes, count in
        guard let gif = unsafe gif, let bytes = unsafe bytes, let owner = unsafe gif.pointee.UserData, count > 0 else {
            return 0
        }
        let input = unsafe Unmanaged<GIFInput>.fromOpaque(owner).takeUnretainedValue()
        return unsafe Int32(input.read(into: UnsafeMutableRawBufferPointer(start: bytes, count: Int(count))))
    }
}
