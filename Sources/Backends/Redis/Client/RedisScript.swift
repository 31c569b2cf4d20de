import Crypto
import Jobs

/// A Lua script that runs on the server as one atomic step.
package struct RedisScript: Sendable, Hashable {
    package let text: String
    /// 40 lower-case hexadecimal digits, by which the server remembers it.
    package let sha1: String

    package init(_ text: String) {
        self.text = text
        // The server's own choice of a name for a script (EVALSHA); nothing rests on its strength.
        sha1 = String(hexadecimal: Insecure.SHA1.hash(data: Array(text.utf8)))
    }
}
