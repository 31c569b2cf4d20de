/// How long a client may take and how much it may ask for before it is shown the door.
package struct ConnectionLimits: Sendable {
    /// From the connection, or the first byte of a further request, to the end of the header.
    package var headerTime = Duration.seconds(10)
    /// Between two requests.
    package var keepAliveTime = Duration.seconds(75)
    /// A body is judged once in each such time.
    package var bodyWindow = Duration.seconds(10)
    /// What a body must bring on the average of one window, in bytes a second.
    package var bodyRate = 1024
    /// An answer that the client has not yet taken is judged once in each such time.
    package var answerWindow = Duration.seconds(30)
    /// What a client must take of it on the average of one window, in bytes a second.
    package var answerRate = 1024
    /// How much of an answer may wait in the system for a slow client, in bytes.
    package var unsentBytes = 128 * 1024
    /// How long what a client still sends is read and thrown away once it has its answer: closing at once would reset the
    /// connection, and the answer might be lost (RFC 9112, section 9.6).
    package var lingerTime = Duration.seconds(5)
    /// Request line and header fields, in bytes.
    package var headerBytes = 16 * 1024
    package var headerFields = 100
    /// Connections beyond these wait in the system's queue. Each takes one of the process's files.
    package var connections = 8192

    package init() {}
}
