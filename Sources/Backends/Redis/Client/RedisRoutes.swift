import Jobs

/// Which node to ask for a key.
///
/// A cluster serves all keys of one hash tag from one node, and says which when another is asked; so the tags that were
/// asked for are remembered, and no table of slots is kept.
struct RedisRoutes {
    private let entry: RedisAddress
    /// Asked where nothing better is known.
    private var usual: RedisAddress
    private var owners: [String: RedisAddress] = [:]
    private var nodes: [RedisAddress: RedisNode] = [:]
    private var isClosed = false

    /// The tags in use are a handful; a caller with a tag for each key costs redirections, not memory.
    private static let mostOwners = 100

    init(entry: RedisAddress) {
        self.entry = entry
        usual = entry
    }

    func address(for key: String?) -> RedisAddress {
        key.flatMap { owners[Self.tag(of: $0)] } ?? usual
    }

    mutating func node(at address: RedisAddress, make: (RedisAddress) -> RedisNode) throws -> RedisNode {
        guard !isClosed else { throw JobStoreError.unavailable(reason: "the client was closed") }
        if let known = nodes[address] { return known }
        let node = make(address)
        nodes[address] = node
        return node
    }

    mutating func learn(_ owner: RedisAddress, of key: String) {
        if owners.count >= Self.mostOwners { owners.removeAll() }
        owners[Self.tag(of: key)] = owner
    }

    /// Asks others instead of a node that failed: the next of those that any node has told of.
    mutating func distrust(_ address: RedisAddress) {
        owners = owners.filter { $0.value != address }
        guard usual == address else { return }
        let told = Set(nodes.values.flatMap(\.peers)).subtracting([entry])
        let known = [entry] + told.sorted { ($0.host, $0.port) < ($1.host, $1.port) }
        let position = known.firstIndex(of: usual) ?? known.count - 1
        usual = known[(position + 1) % known.count]
    }

    /// Forgets all nodes, for closing them; there will be no others.
    mutating func close() -> [RedisNode] {
        isClosed = true
        defer { nodes = [:] }
        return Array(nodes.values)
    }

    /// What lies between the first `{` and the next `}`, or all of it where nothing does (Redis cluster specification,
    /// "Hash tags").
    static func tag(of key: String) -> String {
        guard let open = key.utf8.firstIndex(of: UInt8(ascii: "{")) else { return key }
        let rest = key.utf8[key.utf8.index(after: open)...]
        guard let close = rest.firstIndex(of: UInt8(ascii: "}")), close != rest.startIndex else { return key }
        return String(decoding: rest[..<close], as: UTF8.self)
    }
}
