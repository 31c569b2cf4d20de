package import Crypto

/// The SHA-256 of a file's bytes (FIPS 180-4), as 64 lower-case hexadecimal digits.
package struct ContentDigest: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ digest: SHA256.Digest) {
        description = String(hexadecimal: digest)
    }

    /// Takes digits that a store kept.
    package init(hexadecimal: String) { description = hexadecimal }
}

extension String {
    /// Two lower-case digits for each byte.
    package init(hexadecimal bytes: some Sequence<UInt8>) {
        let digits = Array("0123456789abcdef".utf8)
        self.init(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
