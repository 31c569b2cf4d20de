extension StoreScript {
    /// Job's id.
    static let job = StoreScript(
        """
        local job = view(ARGV[2], true)
        if not job then return absence(ARGV[2]) end
        return {'ok', job}
        """)

    /// How many. Answers with jobs and with batches that are owed a webhook.
    static let owing = StoreScript(
        """
        local function first(owners, view)
            local name, found = P .. 'owing:' .. owners, {}
            for _, id in ipairs(call('ZRANGE', name, 0, ARGV[2] - 1)) do
                local one = view(id)
                -- Somebody's hand was in the store; the others shall not wait for ever behind it.
                if one then found[#found + 1] = one else call('ZREM', name, id) end
            end
            return found
        end
        return {'ok', first('jobs', view), first('batches', view_batch)}
        """)

    /// Jobs' ids.
    static let theseJobs = StoreScript(
        """
        return {'ok', views({unpack(ARGV, 2)})}
        """)

    /// Batch's id.
    static let batch = StoreScript(
        """
        local batch = view_batch(ARGV[2])
        if not batch then return absence(ARGV[2]) end
        return {'ok', batch}
        """)

    /// The upper bound of the ids, as `ZREVRANGEBYLEX` takes it, how many.
    static let batches = StoreScript(
        """
        local found = {}
        -- Programs of before know one of the two alone.
        if call('ZCARD', P .. 'batches') ~= call('ZCARD', P .. 'expiring:batches') then
            call('ZUNIONSTORE', P .. 'batches', 1, P .. 'expiring:batches', 'WEIGHTS', 0)
        end
        for _, id in ipairs(call('ZREVRANGEBYLEX', P .. 'batches', ARGV[2], '-', 'LIMIT', 0, ARGV[3])) do
            found[#found + 1] = view_batch(id)
        end
        return {'ok', found}
        """)

    /// Batch's id, a state or nothing, the job before which the page begins or nothing, and how many. All are of the usual
    /// kind.
    static let jobsOfBatch = StoreScript(
        """
        local name, state, cursor, limit = P .. 'batch:' .. ARGV[2] .. ':images', ARGV[3], ARGV[4], tonumber(ARGV[5])
        local ids = {}
        -- The images are in the order of their jobs' ids. From the end, a page at a time.
        local last = call('LLEN', name) - 1
        while last >= 0 and #ids < limit do
            local first = math.max(last - 99, 0)
            local page = call('LRANGE', name, first, last)
            for i = #page, 1, -1 do
                local id = string.sub(page[i], 1, 36)
                local is_wanted = #ids < limit and (cursor == '' or id < cursor)
                local found = is_wanted and call('HGET', P .. 'job:' .. id, 'state')
                if found and (state == '' or found == state) then ids[#ids + 1] = id end
            end
            last = first - 1
        end
        return {'ok', views(ids)}
        """)

    /// Batch's id, the first position, the last. Answers with each image's text and its job, empty where there is none.
    static let images = StoreScript(
        """
        local found = {}
        for _, image in ipairs(call('LRANGE', P .. 'batch:' .. ARGV[2] .. ':images', ARGV[3], ARGV[4])) do
            found[#found + 1] = string.sub(image, 37)
            found[#found + 1] = view(string.sub(image, 1, 36)) or {}
        end
        return {'ok', found}
        """)

    /// The upper bound of the ids, as `ZREVRANGEBYLEX` takes it, how many, and the shelves that are wanted: a state, or a
    /// state and a kind with a colon between them.
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

    /// The lines of pictures, a comma and then the shelves as ``jobs`` takes them: all there are. Answers with seven whole
    /// numbers, times in milliseconds, and with whether there is a pause.
    static let figures = StoreScript(
        """
        local depth, delayed, dead, oldest, enqueued, done = 0, 0, 0, now, 0, 0
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
        for j = i + 1, #ARGV do
            local shelf = P .. 'state:' .. ARGV[j]
            enqueued = enqueued + call('ZLEXCOUNT', shelf, first, '+')
            if string.sub(ARGV[j], 1, 6) == 'failed' then dead = dead + call('ZCARD', shelf) end
        end
        local second = math.floor(now / 1000)
        for j = second - 9, second do done = done + (call('GET', P .. 'done:' .. j) or 0) end
        return {
            'ok', depth, delayed, call('ZCARD', P .. 'leases') - call('ZCARD', P .. 'state:processing:webhook'), dead,
            now - oldest, enqueued, done, call('EXISTS', P .. 'paused')
        }
        """)
}
