/// What a step is called, what it takes, and what it does: the one source of its checks, documents and API description.
package struct OperationSpecification: Sendable {
    package let name: String
    /// One sentence, as a client reads it.
    package let summary: String
    package let parameters: [Parameter]
    /// Which parameters the colon-separated parts of a step text fill: `crop:10:20:300x200` is `x`, `y` and the pair
    /// `width`, `height`.
    package let positional: [[String]]

    package init(name: String, summary: String, parameters: [Parameter] = [], positional: [[String]] = []) {
        self.name = name
        self.summary = summary
        self.parameters = parameters
        self.positional = positional
    }
}
