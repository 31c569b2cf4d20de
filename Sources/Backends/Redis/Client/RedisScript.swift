import Crypto

/// A Lua script that runs on the server as one atomic step.
package struct RedisScript: Sendable, Hashable {
    package let text: String
    /// 40 lower-case hexadecimal digits, by which the server remembers it.
    package let sha1: String

    package init(_ text: String) {
        self.text = text
        // The server's own choice of a name for a script (EVALSHA); nothing rests on its strength.
        let digits = Array("0123456789abcdef".utf8)
        let digest = Insecure.SHA1.hash(data: Array(text.utf8))
        sha1 = String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
