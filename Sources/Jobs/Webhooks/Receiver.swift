/// Who is told, as jobs and deliveries keep it.
package enum Receiver {
    /// Stands for the operator's own, wherever that is when the webhook is sent: its address, and the token in it, may change
    /// while jobs wait. No URL reads so.
    package static let operators = "operator"
}
