extension StoreScript {
    /// Job's id.
    static let job = StoreScript(
        """
        local job = view(ARGV[2])
        if not job then return absence(ARGV[2]) end
        return {'ok', job}
        """)

    /// The upper bound of the ids, as `ZREVRANGEBYLEX` takes it, how many, and the states that are wanted.
    static let jobs = StoreScript(
        """
        local limit = tonumber(ARGV[3])
        local ids = {}
        for i = 4, #ARGV do
            local some = call('ZREVRANGEBYLEX', P .. 'state:' .. ARGV[i], ARGV[2], '-', 'LIMIT', 0, limit)
            for _, id in ipairs(some) do ids[#ids + 1] = id end
        end
        table.sort(ids, function(one, other) return one > other end)
        for i = #ids, limit + 1, -1 do ids[i] = nil end
        return {'ok', views(ids)}
        """)

    /// The priorities, a comma and then the states: all there are. Answers with seven whole numbers, times in milliseconds.
    static let figures = StoreScript(
        """
        local depth, delayed, oldest, enqueued, done = 0, 0, now, 0, 0
        local i = 2
        while ARGV[i] ~= ',' do
            local ready = P .. 'ready:' .. ARGV[i]
            local due = call('ZCOUNT', ready, '-inf', now)
            depth = depth + due
            delayed = delayed + call('ZCARD', ready) - due
            local first = call('ZRANGE', ready, 0, 0, 'WITHSCORES')
            if first[2] then oldest = math.min(oldest, first[2]) end
            i = i + 1
        end
        -- An id begins with the time it was made at, so that the new ones are a stretch of each list.
        local since = now - 10000
        local first = string.format(
            '[%08x-%04x-7000-8000-000000000000', math.floor(since / 65536), since % 65536)
        for j = i + 1, #ARGV do enqueued = enqueued + call('ZLEXCOUNT', P .. 'state:' .. ARGV[j], first, '+') end
        local second = math.floor(now / 1000)
        for j = second - 9, second do done = done + (call('GET', P .. 'done:' .. j) or 0) end
        return {
            'ok', depth, delayed, call('ZCARD', P .. 'leases'), call('ZCARD', P .. 'state:failed'), now - oldest,
            enqueued, done
        }
        """)
}
