import Imaging
import Testing

@Suite struct `A number in a text` {
    @Test(arguments: [
        ("resize", "width", "0x10"), ("resize", "width", "8e-1"), ("resize", "width", "800.0"), ("resize", "width", ""),
        ("resize", "width", "inf"), ("resize", "width", " 8"), ("resize", "width", "1e400"),
        ("blur", "intensity", "0x1p1"), ("blur", "intensity", "e"), ("blur", "intensity", "1e"),
        ("hue_rotate", "intensity", "nan"), ("hue_rotate", "intensity", "1e400"), ("blur", "intensity", "."),
    ])
    func `is decimal and nothing else`(_ operation: String, _ name: String, _ text: String) {
        #expect(throws: PlanError.self) {
            try Plan.Step(name: operation, members: [name: .string(text)])
        }
    }

    @Test(arguments: [
        ("resize", "width", "800"), ("blur", "intensity", "2.5"), ("hue_rotate", "intensity", "-90.5"),
        ("blur", "intensity", "1e1"), ("hue_rotate", "intensity", "1e300"), ("hue_rotate", "intensity", "-9.5E-1"),
        ("resize", "width", "1e3"), ("rotate", "angle", "9e+1"),
    ])
    func `may have a sign and an exponent, and a point where it need not be whole`(
        _ operation: String, _ name: String, _ text: String
    ) throws {
        let step = try Plan.Step(name: operation, members: [name: .string(text)])
        #expect(step.json == .object(["type": .string(operation)].merging(step.arguments.values) { $1 }))
        #expect(step.arguments.values[name] == Double(text).map { .number($0) })
    }
}
