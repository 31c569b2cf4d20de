/// A parser of ours that reads strangers' bytes, and what it promises whatever they are.
package protocol Fuzzer: Sendable {
    /// What it is called on a command line; its dictionary is called the same.
    static var name: String { get }

    /// Inputs to begin with: what would take minutes to come upon by chance.
    static var seeds: [[UInt8]] { get }

    /// Has the parser read an input, and traps where a promise is broken.
    static func feed(_ bytes: [UInt8])
}

/// All there are. A new one is a file with a type of this kind, a dictionary, and a line here.
package let fuzzers: [any Fuzzer.Type] = [
    BMPFuzzer.self,
    CSVFuzzer.self,
    EXIFFuzzer.self,
    GIFFuzzer.self,
    MultipartFuzzer.self,
    PNGFuzzer.self,
    URLFuzzer.self,
]

extension Fuzzer {
    /// The bytes of a text whose characters are Latin-1's.
    static func text(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8($0.value) } }

    /// Bytes of two digits each; spaces are for the reader.
    static func hex(_ digits: String) -> [UInt8] {
        let values = digits.compactMap(\.hexDigitValue)
        return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] * 16 + values[$0 + 1]) }
    }

    static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
}
