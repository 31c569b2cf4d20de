/// What was done in the last hours.
///
///     history:<start>     hash: amounts by name, of the ten seconds that begin then
extension StoreScript {
    /// The slot's start, how long it is kept, both in milliseconds, then of each amount its name, its value, and whether the
    /// largest is kept and not the sum.
    static let record = StoreScript(
        """
        local name = P .. 'history:' .. ARGV[2]
        for i = 4, #ARGV, 3 do
            if ARGV[i + 2] == '1' then
                local known = tonumber(call('HGET', name, ARGV[i]) or 0)
                if known < tonumber(ARGV[i + 1]) then call('HSET', name, ARGV[i], ARGV[i + 1]) end
            else
                call('HINCRBY', name, ARGV[i], ARGV[i + 1])
            end
        end
        call('PEXPIRE', name, ARGV[3])
        return {'ok'}
        """)

    /// The first slot's start, the length of each, both in milliseconds. Answers with slots, each its start and the fields.
    static let history = StoreScript(
        """
        local found = {}
        for start = tonumber(ARGV[2]), now, tonumber(ARGV[3]) do
            local slot = call('HGETALL', P .. 'history:' .. string.format('%d', start))
            if #slot > 0 then
                table.insert(slot, 1, string.format('%d', start))
                found[#found + 1] = slot
            end
        end
        return {'ok', found}
        """)
}
