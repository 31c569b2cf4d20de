/// One step of the store.
struct StoreScript: Sendable {
    let script: RedisScript

    /// - Parameter body: what follows ``Lua/prelude``.
    init(_ body: String) { script = RedisScript(Lua.prelude + body) }
}

extension StoreScript {
    /// The version that this program writes. Answers with the one that is there.
    static let open = StoreScript(
        """
        local found = call('GET', P .. 'schema')
        if not found then
            call('SET', P .. 'schema', ARGV[2])
            found = ARGV[2]
        end
        return {'ok', found}
        """)
}
