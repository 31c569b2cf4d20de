/// The colour profile of a GIF: an application extension of the International Color Consortium (ICC.1:2001-04, annex B.5).
enum GIFProfile {
    static func begins(_ block: Span<UInt8>) -> Bool { block.count == 11 && block.starts(with: "ICCRGBG1012") }
}
