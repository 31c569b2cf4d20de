extension StoreScript {
    /// Cache key, result's blob.
    static let uncache = StoreScript(
        """
        local key, out = unpack(ARGV, 2)
        local maker = call('HGET', P .. 'makers', key)
        if maker and call('HGET', P .. 'job:' .. maker, 'out') == out then call('HDEL', P .. 'makers', key) end
        return {'ok'}
        """)

    /// Crashes allowed, failure's code, message, and whether it may be tried again; expiry, how many, and how often a job that
    /// has crashed may be claimed and not begun.
    static let reclaim = StoreScript(
        """
        local limit, code, why, again, expires, count, unbegun = unpack(ARGV, 2)
        local requeued, failed = {}, {}
        for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'leases', '-inf', now, 'LIMIT', 0, count)) do
            local job = read(id)
            if job then
                local ended = {}
                if job.kind == 'webhook' then
                    -- Its process died of something else: a delivery runs nothing.
                    requeue(job, now)
                elseif job.crash and tonumber(job.prog or 0) == 0 and tonumber(job.fence) <= tonumber(unbegun) then
                    requeue(job, now)
                else
                    ended = crash(job, tonumber(limit), {code = code, why = why, again = again}, expires)
                end
                for _, one in ipairs(ended) do failed[#failed + 1] = one end
                -- A delivery needs no ring.
                if #ended == 0 and job.kind ~= 'webhook' then
                    requeued[#requeued + 1] = id
                    requeued[#requeued + 1] = job.pri
                end
            else
                call('ZREM', P .. 'leases', id)
            end
        end
        return {'ok', requeued, failed}
        """)

    /// The time before which they were ready, in milliseconds, how many, and the priorities.
    static let ready = StoreScript(
        """
        local before = '(' .. math.min(ARGV[2], now + 1)
        local limit = tonumber(ARGV[3])
        local answer = {}
        for i = 4, #ARGV do
            local left = limit - #answer / 2
            local ids = call('ZRANGEBYSCORE', P .. 'ready:' .. ARGV[i], '-inf', before, 'LIMIT', 0, left)
            for _, id in ipairs(ids) do
                answer[#answer + 1] = id
                answer[#answer + 1] = ARGV[i]
            end
        end
        return {'ok', answer}
        """)

    /// The time before which what expired is forgotten, in milliseconds, and how many.
    static let expire = StoreScript(
        """
        local limit = tonumber(ARGV[3])
        local files = call('ZRANGEBYSCORE', P .. 'expiring:files', '-inf', now, 'LIMIT', 0, limit)
        for _, id in ipairs(files) do
            remove_file(id)
            call('ZADD', P .. 'expired', now, id)
        end
        local jobs = call('ZRANGEBYSCORE', P .. 'expiring:jobs', '-inf', now, 'LIMIT', 0, limit - #files)
        for _, id in ipairs(jobs) do
            local job = read(id)
            if job then remove(job) else call('ZREM', P .. 'expiring:jobs', id) end
            call('ZADD', P .. 'expired', now, id)
        end
        local batches = call('ZRANGEBYSCORE', P .. 'expiring:batches', '-inf', now, 'LIMIT', 0, limit)
        for _, id in ipairs(batches) do
            local batch = call('HMGET', P .. 'batch:' .. id, 'open', 'keep')
            if tonumber(batch[1] or 0) > 0 then
                -- Kept for as long as one of its jobs is unfinished.
                call('ZADD', P .. 'expiring:batches', now + batch[2], id)
            else
                remove_batch(id)
                call('ZADD', P .. 'expired', now, id)
            end
        end
        local old = call('ZRANGEBYSCORE', P .. 'expired', '-inf', '(' .. ARGV[2], 'LIMIT', 0, limit)
        for _, id in ipairs(old) do call('ZREM', P .. 'expired', id) end
        return {'ok', #files + #jobs}
        """)

    /// How many.
    static let doomed = StoreScript(
        """
        return {'ok', call('ZRANGE', P .. 'doomed', 0, ARGV[2] - 1)}
        """)

    /// Blobs' keys.
    static let forget = StoreScript(
        """
        for i = 2, #ARGV do call('ZREM', P .. 'doomed', ARGV[i]) end
        return {'ok'}
        """)

    /// Blobs' keys. Answers with the places of those that are unknown, the first being 0.
    static let unknown = StoreScript(
        """
        local unknown = {}
        for i = 2, #ARGV do
            local blob = ARGV[i]
            local known = call('HEXISTS', P .. 'blobs', blob) == 1 or call('ZSCORE', P .. 'doomed', blob)
            if not known then unknown[#unknown + 1] = i - 2 end
        end
        return {'ok', unknown}
        """)
}
