/// Why a plan was refused. Each case carries what a client needs to mend its request.
package enum PlanError: Error, Hashable, Sendable {
    /// No operation has this name.
    case unknownOperation(name: String, allowed: [String])
    /// The operation, or the place named by `context`, takes no such parameter.
    case unknownParameter(name: String, context: String, allowed: [String])
    /// A parameter that the operation cannot do without is not there; `or` names one that would do as well.
    case missingParameter(name: String, context: String, or: String? = nil)
    /// The value is of another type or out of range; `allowed` says in words what fits.
    case invalidValue(parameter: String, given: String, allowed: String)
    /// The request gives its plan in more than one of the shapes, or the same thing twice with different values.
    case ambiguous(parameter: String, detail: String)
    /// A step such as `resize:800x` that the grammar does not know.
    case malformedStep(text: String, allowed: String)
    /// The plan cannot apply to this picture: a crop beside it, a result beyond the limits.
    case impossible(parameter: String, detail: String)
    /// The request holds no plan at all.
    case empty
}
