/// What is done to the streams of rings in one step each. `KEYS` are the streams, one for each class, from high to low;
/// `ARGV[1]` is the consumer group. Commands of Redis 6.2 and 7.0 only.
enum RingScripts {
    /// Takes up to a number of rings that nobody has, from the classes by their weights; a class that has fewer leaves its
    /// share to the others. A stream or group that is not there is made.
    ///
    /// `ARGV`: group, consumer, how many, a random number from 0 up to 1, then the weight of each stream. Returns the place
    /// of the stream, the entry's id and the job of each ring, one after the other.
    static let take = RedisScript(
        """
        local limit, point = tonumber(ARGV[3]), tonumber(ARGV[4])
        local weights, found = {}, {}
        for i = 1, #KEYS do weights[i] = tonumber(ARGV[4 + i]) end

        local function read(i, count)
            local words = {'XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', count, 'STREAMS', KEYS[i], '>'}
            local reply = redis.pcall(unpack(words))
            if reply and reply.err then
                if string.find(reply.err, 'NOGROUP', 1, true) then
                    redis.call('XGROUP', 'CREATE', KEYS[i], ARGV[1], '0', 'MKSTREAM')
                end
                reply = redis.call(unpack(words))
            end
            if not reply then return 0 end
            for _, entry in ipairs(reply[1][2]) do
                found[#found + 1] = i
                found[#found + 1] = entry[1]
                found[#found + 1] = entry[2][2]
            end
            return #reply[1][2]
        end

        -- Each round takes all that is asked for, or finds a class empty and leaves it out of the next.
        while limit > 0 and next(weights) do
            local total, low, taken = 0, 0, 0
            for _, weight in pairs(weights) do total = total + weight end
            for i = 1, #KEYS do
                local weight = weights[i]
                if weight then
                    -- One ring at each of the points (k + point) / limit of the whole, and each class has a stretch of
                    -- the whole as long as its weight: its share is exact on the average, and never off by one or more.
                    local high = low + weight
                    local count = math.ceil(high * limit / total - point) - math.ceil(low * limit / total - point)
                    low = high
                    if count > 0 then
                        local got = read(i, count)
                        taken = taken + got
                        if got < count then weights[i] = nil end
                    end
                end
            end
            limit = limit - taken
        end
        return found
        """)

    /// Takes over rings that a consumer has had for too long, so that it is dead or has lost them.
    ///
    /// `ARGV`: group, consumer, milliseconds, how many. Returns what `take` does.
    static let inherit = RedisScript(
        """
        local limit, found = tonumber(ARGV[4]), {}
        for i = 1, #KEYS do
            -- One call looks at ten times COUNT entries at most, and says where to go on.
            local cursor = '0-0'
            while cursor and limit > 0 do
                local reply = redis.pcall('XAUTOCLAIM', KEYS[i], ARGV[1], ARGV[2], ARGV[3], cursor, 'COUNT', limit)
                if reply.err then
                    if not string.find(reply.err, 'NOGROUP', 1, true) then return reply end
                    break
                end
                for _, entry in ipairs(reply[2]) do
                    -- Redis 6.2 lists what was deleted meanwhile as nothing.
                    if entry then
                        found[#found + 1] = i
                        found[#found + 1] = entry[1]
                        found[#found + 1] = entry[2][2]
                        limit = limit - 1
                    end
                end
                cursor = reply[1] ~= '0-0' and reply[1]
            end
        end
        return found
        """)

    /// Takes rings off for good. Without the deletion the streams would grow for ever; trimming them instead would lose
    /// rings that nobody has had yet.
    ///
    /// `ARGV`: group, then the place of the stream and the entry's id of each ring, one after the other.
    static let acknowledge = RedisScript(
        """
        for i = 2, #ARGV, 2 do
            local key = KEYS[tonumber(ARGV[i])]
            redis.call('XACK', key, ARGV[1], ARGV[i + 1])
            redis.call('XDEL', key, ARGV[i + 1])
        end
        """)

    /// Puts the rings that a consumer has back, as new ones, and removes the consumer: Redis has no way to give one back.
    ///
    /// `ARGV`: group, consumer.
    static let leave = RedisScript(
        """
        for i = 1, #KEYS do
            local held
            repeat
                held = redis.pcall('XPENDING', KEYS[i], ARGV[1], '-', '+', 100, ARGV[2])
                -- The stream is gone, or its group.
                if held.err then break end
                for _, entry in ipairs(held) do
                    local id = entry[1]
                    -- What was deleted meanwhile is still listed.
                    local found = redis.call('XRANGE', KEYS[i], id, id)[1]
                    if found then redis.call('XADD', KEYS[i], '*', unpack(found[2])) end
                    redis.call('XACK', KEYS[i], ARGV[1], id)
                    redis.call('XDEL', KEYS[i], id)
                end
            until #held == 0
            if not held.err then redis.call('XGROUP', 'DELCONSUMER', KEYS[i], ARGV[1], ARGV[2]) end
        end
        """)

    /// Removes consumers that have not asked for long and hold nothing; one that holds something loses it to `inherit`
    /// first.
    ///
    /// `ARGV`: group, milliseconds.
    static let tidy = RedisScript(
        """
        for i = 1, #KEYS do
            local consumers = redis.pcall('XINFO', 'CONSUMERS', KEYS[i], ARGV[1])
            if not consumers.err then
                for _, consumer in ipairs(consumers) do
                    local facts = {}
                    for f = 1, #consumer, 2 do facts[consumer[f]] = consumer[f + 1] end
                    if facts.pending == 0 and facts.idle > tonumber(ARGV[2]) then
                        redis.call('XGROUP', 'DELCONSUMER', KEYS[i], ARGV[1], facts.name)
                    end
                end
            end
        end
        """)
}
