import CLCMS
import Imaging

/// From RGB whose light adds up, as that of screens does, to sRGB: a curve for each channel, a matrix, and sRGB's curve.
///
/// Little CMS does the same through functions that it calls for each pixel: 12 megapixels take it 150 ms, and this 30.
struct MatrixTransform {
    /// What each level of red, green and blue adds to sRGB's light, alpha being 0; 1 is `unit`.
    private let red, green, blue: [SIMD4<Int32>]
    /// sRGB's number of light 0…1 in 1 << `lightBits` steps.
    private let numbers: [UInt8]

    private static let unitBits: Int32 = 20
    /// A step of light is a fifth of one of sRGB's numbers where these are closest.
    private static let lightBits: Int32 = 14

    /// - Returns: `nil` for a profile of another kind, or one whose numbers are beyond any colour.
    init?(_ profile: cmsHPROFILE) {
        guard let matrix = unsafe MatrixProfile(profile, lastLevel: 255, lastLight: 1 << Self.lightBits) else {
            return nil
        }
        let tables = zip(matrix.lights, matrix.levels).map { light, levels in
            levels.map { level in
                let scaled = (light * level * Double(1 << Self.unitBits)).rounded(.toNearestOrAwayFromZero)
                return SIMD4<Int32>(Int32(scaled.x), Int32(scaled.y), Int32(scaled.z), 0)
            }
        }
        (red, green, blue) = (tables[0], tables[1], tables[2])
        numbers = matrix.numbers.map { UInt8(part: Double($0)) }
    }

    /// - Parameter row: RGBA; alpha stays.
    func apply(to row: inout MutableSpan<UInt8>) {
        let shift = SIMD4<Int32>(repeating: Self.unitBits - Self.lightBits)
        let half = SIMD4<Int32>(repeating: 1 << (Self.unitBits - Self.lightBits - 1))
        let most = SIMD4<Int32>(repeating: 1 << Self.lightBits)
        unsafe row.withUnsafeMutableBufferPointer { row in
            unsafe red.withUnsafeBufferPointer { red in
                unsafe green.withUnsafeBufferPointer { green in
                    unsafe blue.withUnsafeBufferPointer { blue in
                        unsafe numbers.withUnsafeBufferPointer { numbers in
                            for i in stride(from: 0, to: row.count, by: 4) {
                                let sum = unsafe red[Int(row[i])] &+ green[Int(row[i + 1])] &+ blue[Int(row[i + 2])]
                                let light = ((sum &+ half) &>> shift).clamped(lowerBound: .zero, upperBound: most)
                                unsafe row[i] = numbers[Int(light.x)]
                                unsafe row[i + 1] = numbers[Int(light.y)]
                                unsafe row[i + 2] = numbers[Int(light.z)]
                            }
                        }
                    }
                }
            }
        }
    }
}
