import Imaging
import Testing

@Suite struct `A number in a text` {
    @Test(arguments: [
        ("resize", "width", "0x10"), ("resize", "width", "1e3"), ("resize", "width", "800.0"), ("resize", "width", ""),
        ("resize", "width", "inf"), ("resize", "width", " 8"), ("rotate", "angle", "9e1"),
        ("blur", "intensity", "0x1p1"),
        ("blur", "intensity", "1e0"), ("hue_rotate", "intensity", "nan"), ("blur", "intensity", "."),
    ])
    func `is decimal digits and nothing else`(_ operation: String, _ name: String, _ text: String) {
        #expect(throws: PlanError.self) {
            try Plan.Step(name: operation, members: [name: .string(text)])
        }
    }

    @Test(arguments: [("resize", "width", "800"), ("blur", "intensity", "2.5"), ("hue_rotate", "intensity", "-90.5")])
    func `may have a sign, and a point where it need not be whole`(_ operation: String, _ name: String, _ text: String)
        throws
    {
        let step = try Plan.Step(name: operation, members: [name: .string(text)])
        #expect(step.json == .object(["type": .string(operation)].merging(step.arguments.values) { $1 }))
        #expect(step.arguments.values[name] == Double(text).map { .number($0) })
    }
}
