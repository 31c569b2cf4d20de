/// Workers, as they announce themselves.
///
///     workers        sorted set: their ids, by when they were last seen
///     worker:<id>    hash: `host`, `slots`, `busy`, `version`, `drain` where it is to take no pictures
///     paused         is there while no worker is to take any
extension StoreScript {
    /// Worker's id, host, slots, how many are busy, version; then the age at which others are long gone, in milliseconds. Answers
    /// with whether workers are paused, and whether this one drains.
    static let announce = StoreScript(
        """
        local id, host, slots, busy, version, age = unpack(ARGV, 2)
        -- Taken out first, which Redis allows when its memory is full.
        call('ZREM', P .. 'workers', id)
        call('HSET', P .. 'worker:' .. id, 'host', host, 'slots', slots, 'busy', busy, 'version', version)
        call('ZADD', P .. 'workers', now, id)
        for _, old in ipairs(call('ZRANGEBYSCORE', P .. 'workers', '-inf', '(' .. (now - age), 'LIMIT', 0, 100)) do
            call('DEL', P .. 'worker:' .. old)
            call('ZREM', P .. 'workers', old)
        end
        return {'ok', call('EXISTS', P .. 'paused'), call('HEXISTS', P .. 'worker:' .. id, 'drain')}
        """)

    /// Worker's id.
    static let withdraw = StoreScript(
        """
        call('DEL', P .. 'worker:' .. ARGV[2])
        call('ZREM', P .. 'workers', ARGV[2])
        return {'ok'}
        """)

    /// The age up to which they are wanted, in milliseconds.
    static let workers = StoreScript(
        """
        local found = {}
        local seen = call('ZRANGEBYSCORE', P .. 'workers', now - ARGV[2], '+inf', 'WITHSCORES')
        for i = 1, #seen, 2 do
            local worker = call('HGETALL', P .. 'worker:' .. seen[i])
            for _, item in ipairs({'id', seen[i], 'seen', seen[i + 1]}) do worker[#worker + 1] = item end
            found[#found + 1] = worker
        end
        return {'ok', found}
        """)
}
