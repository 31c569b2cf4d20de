import Imaging
import TestPictures

extension SourceKind {
    static let bmp = bmpPalettes + bmpHeaders + bmpKinds

    private static let bmpPalettes = [1, 2, 4, 8].flatMap { bits -> [SourceKind] in
        let ramp = Ramp(count: 1 << bits)
        let scene = Scene(Scene.indices(ramp.count)) { ramp($0) }
        return [12, 16, 40, 64].map { headerSize in
            SourceKind("BMP, \(bits) bits, header of \(headerSize) bytes", scene) {
                bmpFile(bits, rows: indexRows(bits)) { file in
                    (file.headerSize, file.palette) = (headerSize, palette(ramp, isCore: headerSize == 12))
                }
            }
        }
    }

    private static let bmpHeaders = [12, 16, 40, 52, 56, 64, 108, 124].map { headerSize in
        SourceKind("BMP, 24 bits, header of \(headerSize) bytes", .slope) {
            bmpFile(24, rows: rows(.slope) { [$0.z, $0.y, $0.x] }) { $0.headerSize = headerSize }
        }
    }

    private static let bmpKinds: [SourceKind] = [
        SourceKind("BMP, 24 bits, top-down", .slope) {
            bmpFile(24, rows: rows(.slope) { [$0.z, $0.y, $0.x] }.reversed()) { $0.height = -Scene.height }
        },
        SourceKind("BMP, 8 bits of gray", .gray) {
            bmpFile(8, rows: rows(.gray) { [$0.x] }) { file in
                file.palette = (0...255).flatMap { level in [level, level, level, 0] }
            }
        },
        SourceKind("BMP, 16 bits, five a colour", Scene.slope.reduced(5, 5, 5)) {
            bmpFile(16, rows: rows(.slope) { packed($0, [(5, 10), (5, 5), (5, 0)], byteCount: 2) })
        },
        SourceKind("BMP, 16 bits by masks", Scene.slope.reduced(5, 6, 5)) {
            bmpFile(16, rows: rows(.slope) { packed($0, [(5, 11), (6, 5), (5, 0)], byteCount: 2) }) { file in
                (file.compression, file.masks) = (3, [0xF800, 0x07E0, 0x001F])
            }
        },
        SourceKind("BMP, 16 bits by masks, version 2", Scene.slope.reduced(5, 6, 5)) {
            bmpFile(16, rows: rows(.slope) { packed($0, [(5, 11), (6, 5), (5, 0)], byteCount: 2) }) { file in
                (file.headerSize, file.compression, file.masks) = (52, 3, [0xF800, 0x07E0, 0x001F])
            }
        },
        SourceKind("BMP, 16 bits by masks with alpha", Scene.veil.reduced(4, 4, 4, 4)) {
            bmpFile(16, rows: rows(.veil) { packed($0, [(4, 8), (4, 4), (4, 0), (4, 12)], byteCount: 2) }) { file in
                (file.headerSize, file.compression) = (108, 3)
                file.masks = [0x0F00, 0x00F0, 0x000F, 0xF000]
            }
        },
        SourceKind("BMP, 32 bits without alpha", .slope) {
            bmpFile(32, rows: rows(.slope) { [$0.z, $0.y, $0.x, 0] })
        },
        SourceKind("BMP, 32 bits by masks with alpha, version 3", .veil) {
            bmpFile(32, rows: rows(.veil) { [$0.x, $0.y, $0.z, $0.w] }) { file in
                (file.headerSize, file.compression) = (56, 3)
                file.masks = [0x0000_00FF, 0x0000_FF00, 0x00FF_0000, 0xFF00_0000]
            }
        },
        SourceKind("BMP, 32 bits by masks with alpha, version 4", .veil) {
            bmpFile(32, rows: rows(.veil) { [$0.w, $0.z, $0.y, $0.x] }) { file in
                (file.headerSize, file.compression) = (108, 3)
                file.masks = [0xFF00_0000, 0x00FF_0000, 0x0000_FF00, 0x0000_00FF]
            }
        },
        SourceKind("BMP, 32 bits by masks with alpha, version 5, top-down", .veil) {
            bmpFile(32, rows: rows(.veil) { [$0.z, $0.y, $0.x, $0.w] }.reversed()) { file in
                (file.headerSize, file.compression, file.height) = (124, 3, -Scene.height)
                file.masks = [0x00FF_0000, 0x0000_FF00, 0x0000_00FF, 0xFF00_0000]
            }
        },
        SourceKind("BMP, 8 bits in runs", Scene(Scene.indices(16)) { Ramp(count: 16)($0) }) {
            bmpFile(
                8,
                rows: [
                    runs {
                        $0
                    } literal: {
                        $0
                    }
                ]
            ) { file in
                (file.compression, file.colorsUsed, file.palette) = (1, 16, palette(Ramp(count: 16)))
            }
        },
        SourceKind("BMP, 4 bits in runs", Scene(Scene.indices(16)) { Ramp(count: 16)($0) }) {
            bmpFile(
                4,
                rows: [
                    runs {
                        $0 << 4 | $0
                    } literal: {
                        .packed($0, width: $0.count, bits: 4)
                    }
                ]
            ) { file in
                (file.compression, file.palette) = (2, palette(Ramp(count: 16)))
            }
        },
        SourceKind("BMP by ourselves", .slope) {
            try SourceFile.make(.bmp, Scene.width, Scene.height) { x, y in Scene.slope.samples(x, y) }
        },
    ]

    private static func bmpFile(
        _ bits: Int, rows: some Sequence<[UInt8]>, _ change: (inout TestBMP) -> Void = { _ in }
    ) -> [UInt8] {
        var file = TestBMP(width: Scene.width, height: Scene.height, bits: bits, rows: rows.flatMap { $0 })
        change(&file)
        return file.bytes
    }

    /// From the bottom row up, each padded to four bytes.
    private static func rows(_ scene: Scene, _ pixel: (Scene.Pixel) -> [UInt8]) -> [[UInt8]] {
        (0..<Scene.height).reversed().map { y in padded((0..<Scene.width).flatMap { x in pixel(scene[x, y]) }) }
    }

    private static func indexRows(_ bits: Int) -> [[UInt8]] {
        indexRows(of: 1 << bits).map { padded(.packed($0, width: Scene.width, bits: bits)) }
    }

    private static func indexRows(of count: Int) -> [[UInt8]] {
        let indices = Scene.indices(count).map { UInt8($0) }
        return (0..<Scene.height).reversed().map { y in Array(indices[y * Scene.width..<(y + 1) * Scene.width]) }
    }

    private static func padded(_ row: [UInt8]) -> [UInt8] { row + [UInt8](repeating: 0, count: -row.count & 3) }

    /// Channels of so many bits at so many, in the order of the pixel's.
    private static func packed(
        _ color: Scene.Pixel, _ places: [(bits: Int, shift: Int)], byteCount: Int
    ) -> [UInt8] {
        let value = places.indices.reduce(0) { value, channel in
            value | Scene.level(color[channel], places[channel].bits) << places[channel].shift
        }
        return [UInt8](little: UInt32(value), byteCount)
    }

    private static func palette(_ ramp: Ramp, isCore: Bool = false) -> [UInt8] {
        ramp.colors.flatMap { [$0.z, $0.y, $0.x] + (isCore ? [] : [0]) }
    }

    /// Sixteen indices; one row as runs of one index each, the next literally, and so on.
    private static func runs(_ byte: (UInt8) -> UInt8, literal: ([UInt8]) -> [UInt8]) -> [UInt8] {
        indexRows(of: 16).enumerated().flatMap { number, row -> [UInt8] in
            if number % 2 == 1 {
                let bytes = literal(row)
                return [0, UInt8(row.count)] + bytes + [UInt8](repeating: 0, count: bytes.count % 2) + [0, 0]
            }
            return Set(row).sorted().flatMap { index in
                [UInt8(row.count { $0 == index }), byte(index)]
            } + [0, 0]
        } + [0, 1]
    }
}
