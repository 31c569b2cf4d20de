/// The server answers, and will not have us as we are set up: a wrong password, a virtual host that is not there, a right
/// that is missing.
package struct RabbitMQRefusal: Error, Hashable, CustomStringConvertible {
    let reason: String

    /// In the server's own words, which hold no password.
    package var description: String { reason }
}
