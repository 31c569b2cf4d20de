import Imaging
import Testing

@Suite struct `A JSON value's text` {
    private static let all: [(JSONValue, String)] = [
        (.null, "null"), (true, "true"), (false, "false"), (800, "800"), (-3, "-3"), (2.5, "2.5"), (1e300, "1e+300"),
        (.number(.nan), "null"), ("", #""""#), ("a/b é 猫", #""a/b é 猫""#), ("\"\\\n\u{1}", #""\"\\\u000a\u0001""#),
        ([], "[]"), ([1, "2", [.null]], #"[1,"2",[null]]"#), ([:], "{}"),
        (["b": 1, "a": ["c": 2]], #"{"a":{"c":2},"b":1}"#),
    ]

    @Test(arguments: all) func `is as RFC 8259 has it, members by name`(_ value: JSONValue, _ text: String) {
        #expect(value.text == text)
    }
}
