import Jobs

/// A JSON Schema (draft 2020-12, which OpenAPI 3.1 takes as it is), together with the named ones that it refers to.
struct Schema: Sendable {
    /// In the order in which they are read.
    private(set) var keywords: [(name: String, value: JSON)]
    /// By name. Each stands once in a document, however many refer to it.
    private(set) var definitions: [String: JSON] = [:]

    var json: JSON { .object(keywords) }

    /// - Parameters:
    ///   - summary: what the value is, with its unit.
    ///   - keywords: what else holds for it.
    init(_ type: String, _ summary: String = "", _ keywords: KeyValuePairs<String, JSON> = [:]) {
        self.keywords = [("type", .string(type))]
        if !summary.isEmpty { self.keywords.append(("description", .string(summary))) }
        self.keywords += keywords.map { (name: $0.key, value: $0.value) }
    }

    private init(keywords: [(name: String, value: JSON)], referringTo schemas: [Schema]) {
        self.keywords = keywords
        for schema in schemas { definitions.merge(schema.definitions) { known, _ in known } }
    }

    subscript(keyword: String) -> JSON? {
        get { keywords.first { $0.name == keyword }?.value }
        set {
            let index = keywords.firstIndex { $0.name == keyword }
            switch (index, newValue) {
            case (let index?, let value?): keywords[index].value = value
            case (let index?, nil): keywords.remove(at: index)
            case (nil, let value?): keywords.append((keyword, value))
            case (nil, nil): break
            }
        }
    }
}

extension Schema {
    /// An object with members that are always there.
    static func object(_ summary: String = "", _ members: KeyValuePairs<String, Schema>) -> Schema {
        object(summary, required: members.map { ($0.key, $0.value) })
    }

    /// - Parameter isClosed: whether it may have no other members. Answers may always get more.
    static func object(
        _ summary: String = "", required: [(String, Schema)], optional: [(String, Schema)] = [],
        isClosed: Bool = false
    ) -> Schema {
        let members = required + optional
        var schema = Schema(keywords: Schema("object", summary).keywords, referringTo: members.map(\.1))
        schema["properties"] = .object(members.map { (name: $0.0, value: $0.1.json) })
        if !required.isEmpty { schema["required"] = .array(required.map { .string($0.0) }) }
        if isClosed { schema["additionalProperties"] = false }
        return schema
    }

    static func array(of item: Schema, _ summary: String = "", _ keywords: KeyValuePairs<String, JSON> = [:]) -> Schema
    {
        var schema = Schema(keywords: Schema("array", summary, keywords).keywords, referringTo: [item])
        schema["items"] = item.json
        return schema
    }

    static func any(of schemas: [Schema], _ summary: String = "") -> Schema {
        var schema = Schema(keywords: [], referringTo: schemas)
        if !summary.isEmpty { schema["description"] = .string(summary) }
        schema["anyOf"] = .array(schemas.map(\.json))
        return schema
    }

    static func word<Word: RawRepresentable & CaseIterable>(
        of type: Word.Type, _ summary: String = ""
    ) -> Schema where Word.RawValue == String {
        Schema("string", summary, ["enum": .array(type.allCases.map { .string($0.rawValue) })])
    }

    static func anything(_ summary: String) -> Schema {
        Schema(keywords: [("description", .string(summary))], referringTo: [])
    }

    /// The same value, under a name that the document has once.
    func named(_ name: String) -> Schema {
        var schema = Schema(keywords: [("$ref", "#/components/schemas/\(name)")], referringTo: [self])
        schema.definitions[name] = json
        return schema
    }

    /// The same, or null.
    var orNull: Schema {
        guard case .string(let type)? = self["type"] else { return .any(of: [self, Schema("null")]) }
        var schema = self
        schema["type"] = [.string(type), "null"]
        if case .array(let words)? = self["enum"] { schema["enum"] = .array(words + [.null]) }
        return schema
    }
}

// MARK: - Values that many answers hold

extension Schema {
    static func id(_ summary: String) -> Schema { Schema("string", summary, ["format": "uuid"]) }
    static func time(_ summary: String) -> Schema { Schema("string", summary, ["format": "date-time"]) }
    static let jobState = Schema.word(of: Job.State.self)
    static func count(_ summary: String) -> Schema { Schema("integer", summary, ["minimum": 0]) }
    static func seconds(_ summary: String) -> Schema { Schema("number", summary, ["minimum": 0]) }
    static let nextCursor = Schema.id("Where the next page begins, as its `cursor`; null on the last.").orNull
}
