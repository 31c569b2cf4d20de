import HTTPTypes
import NIOCore
import Testing

@testable import Server

@Suite struct `A route table` {
    private let table = RouteTable(
        [
            (.get, "/"), (.get, "/jobs"), (.post, "/jobs/{id}/retry"), (.delete, "/jobs/{id}"), (.get, "/jobs/{id}"),
            (.post, "/upload"),
        ].map { Route($0, $1, RouteDescription("name", .jobs, "Does it", answers: [])) { _ in Answer(.ok) } })

    @Test(arguments: [
        ("GET", "/", "/", []), ("HEAD", "/", "/", []), ("GET", "/jobs", "/jobs", []), ("GET", "/jobs/", "/jobs", []),
        ("POST", "/jobs/7/retry", "/jobs/{id}/retry", ["7"]), ("POST", "/jobs/7/retry/", "/jobs/{id}/retry", ["7"]),
        ("DELETE", "/jobs/a%20b", "/jobs/{id}", ["a%20b"]), ("HEAD", "/jobs/7", "/jobs/{id}", ["7"]),
    ])
    func `finds`(_ method: String, _ path: String, _ template: String, _ expected: [String]) throws {
        guard case .route(let route, let parameters) = table.match(path[...], try #require(.init(method))) else {
            return #expect(Bool(false), "no route")
        }
        #expect(route.template == template)
        #expect(parameters.map(String.init) == expected)
    }

    @Test(arguments: [
        ("POST", "/jobs", "GET, HEAD"), ("PUT", "/jobs/7", "DELETE, GET, HEAD"), ("HEAD", "/upload", "POST"),
    ])
    func `knows which other methods a path takes`(_ method: String, _ path: String, _ methods: String) throws {
        guard case .otherMethods(_, let allowed) = table.match(path[...], try #require(.init(method))) else {
            return #expect(Bool(false), "another match")
        }
        #expect(allowed == methods)
    }

    @Test(arguments: ["/nothing", "/jobs//", "/jobs//retry", "/jobs/7/retry/8", "///", "", "/Jobs", "jobs"])
    func `knows nothing else`(_ path: String) {
        guard case .unknown = table.match(path[...], .get) else { return #expect(Bool(false), "a match") }
    }
}

@Suite struct `Form fields` {
    @Test func `are decoded`() throws {
        let fields = try Fields(urlEncoded: "a=1&b=x+y%20%26&empty=&flag&c=%F0%9F%90%88")
        #expect(fields.items.map(\.name) == ["a", "b", "empty", "flag", "c"])
        #expect(fields.items.map(\.value) == ["1", "x y &", "", "", "🐈"])
    }

    @Test(arguments: ["a=%", "a=%2", "a=%zz", "a=%FF", "%C3=1", String(repeating: "a&", count: 101)])
    func `that are broken are refused`(_ text: String) {
        #expect(throws: Problem.self) { try Fields(urlEncoded: text) }
    }

    @Test func `may not stand twice where one is meant`() throws {
        let fields = try Fields(urlEncoded: "a=1&a=2")
        #expect(throws: Problem.self) { try fields.unique() }
    }
}

@Suite struct `JSON text` {
    @Test func `keeps the order and escapes what it must`() {
        let json: JSON = [
            "z": 1, "a": "quote \" backslash \\ line\n tab\t bell\u{7} 🐈", "n": nil, "t": true, "x": .number(0.5),
            "nan": .number(.nan), "l": [1, "2", []], "o": [:],
        ]
        #expect(
            String(buffer: json.text)
                == #"{"z":1,"a":"quote \" backslash \\ line\n tab\t bell\u0007 🐈","n":null,"t":true,"x":0.5,"#
                + #""nan":null,"l":[1,"2",[]],"o":{}}"#)
    }
}
