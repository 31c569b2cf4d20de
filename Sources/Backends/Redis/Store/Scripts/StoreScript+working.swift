extension StoreScript {
    /// How many, worker, end of the lease from now in milliseconds, the lines in the order in which they are taken.
    static let claimNext = StoreScript(
        claiming + """
            local wanted = tonumber(ARGV[2])
            for i = 5, #ARGV do
                local left = wanted - #taken
                if left <= 0 then break end
                local ids = call('ZRANGEBYSCORE', P .. 'ready:' .. ARGV[i], '-inf', now, 'LIMIT', 0, left)
                for _, id in ipairs(ids) do take(id, ARGV[i], ARGV[3], now + ARGV[4]) end
            end
            return {'ok', taken}
            """)

    /// Worker, end of the lease from now in milliseconds, ids.
    static let claimThese = StoreScript(
        claiming + """
            for i = 4, #ARGV do
                local pri = call('HGET', P .. 'job:' .. ARGV[i], 'pri')
                local ready = pri and call('ZSCORE', P .. 'ready:' .. pri, ARGV[i])
                if ready and tonumber(ready) <= now then take(ARGV[i], pri, ARGV[2], now + ARGV[3]) end
            end
            return {'ok', taken}
            """)

    private static let claiming = """
        local taken = {}

        local function take(id, pri, worker, lease)
            call('ZREM', P .. 'ready:' .. pri, id)
            local name = P .. 'job:' .. id
            local job = call('HMGET', name, 'state', 'kind')
            -- Somebody's hand was in the store; the others shall not wait for ever behind it.
            if not job[1] then return end
            local fence = call('HINCRBY', name, 'fence', 1)
            call('HSET', name, 'state', 'processing', 'who', worker, 'began', now)
            call('ZADD', P .. 'leases', lease, id)
            move({id = id, state = 'queued', kind = job[2]}, 'processing')
            taken[#taken + 1] = view(id, fence > 1)
        end


        """

    /// End of the lease from now in milliseconds, then of each claim its job, worker and fence. Answers with the places of
    /// those that no longer hold, the first being 0.
    static let renew = StoreScript(
        """
        local lost = {}
        for i = 3, #ARGV, 3 do
            if held(ARGV[i], ARGV[i + 1], ARGV[i + 2]) then
                -- Taken out first, which Redis allows when its memory is full.
                call('ZREM', P .. 'leases', ARGV[i])
                call('ZADD', P .. 'leases', now + ARGV[2], ARGV[i])
            else
                lost[#lost + 1] = (i - 3) / 3
            end
        end
        return {'ok', lost}
        """)

    /// Claim, progress.
    static let report = StoreScript(
        """
        local job = held(ARGV[2], ARGV[3], ARGV[4])
        if not job then return {'claimLost', ARGV[2]} end
        call('HSET', P .. 'job:' .. job.id, 'prog', ARGV[5])
        return {'ok'}
        """)

    /// Claim, tries, expiry, result's blob, and its format, width, height and size in bytes, blanks between them.
    static let finish = StoreScript(
        """
        local id, worker, fence, tries, expires, blob, info = unpack(ARGV, 2)
        local job = held(id, worker, fence)
        if not job then
            local now_is = call('HMGET', P .. 'job:' .. id, 'state', 'out')
            if now_is[1] == 'done' and now_is[2] == blob then return {'ok', {}} end
            return {'claimLost', id}
        end
        local function publish(job)
            close(job, 'done', expires)
            call('HDEL', P .. 'job:' .. job.id, 'prog')
            call('HSET', P .. 'job:' .. job.id, 'out', blob, 'info', info)
            keep(blob)
        end
        publish(job)
        note(id, tries)
        local followers = each_follower(job, function(follower)
            publish(follower)
            call('HSET', P .. 'job:' .. follower.id, 'hit', 1)
        end)
        count_done(1 + #followers)
        return {'ok', followers}
        """)

    /// Claim, tries, expiry.
    static let finishDelivery = StoreScript(
        """
        local id, worker, fence, tries, expires = unpack(ARGV, 2)
        local job = held(id, worker, fence)
        if job then
            close(job, 'done', expires)
            note(id, tries)
            call('HDEL', P .. 'makers', job.key)
            count_done(1)
            return {'ok'}
        end
        local now_is = call('HMGET', P .. 'job:' .. id, 'state', 'fence')
        if now_is[1] == 'done' and now_is[2] == fence then return {'ok'} end
        return {'claimLost', id}
        """)

    /// Claim, tries, expiry, failure's code, message, and whether it may be tried again.
    static let fail = StoreScript(
        """
        local id, worker, fence, tries, expires, code, why, again = unpack(ARGV, 2)
        local job = held(id, worker, fence)
        if not job then return {'claimLost', ARGV[2]} end
        if again == '1' then call('HINCRBY', P .. 'job:' .. id, 'try', 1) end
        local followers = fail(job, {code = code, why = why, again = again}, expires)
        note(id, tries)
        return {'ok', followers}
        """)

    /// Claim, tries, delay in milliseconds, failure's code, message, and whether it may be tried again.
    static let retry = StoreScript(
        """
        local id, worker, fence, tries, delay, code, why, again = unpack(ARGV, 2)
        local job = held(id, worker, fence)
        if not job then return {'claimLost', ARGV[2]} end
        requeue(job, now + delay)
        call('HINCRBY', P .. 'job:' .. id, 'try', 1)
        explain(id, {code = code, why = why, again = again})
        note(id, tries)
        return {'ok'}
        """)

    /// Claim, tries, expiry, failure's code, message, and whether it may be tried again; limit.
    static let crashed = StoreScript(
        """
        local id, worker, fence, tries, expires, code, why, again, limit = unpack(ARGV, 2)
        local job = held(id, worker, fence)
        if not job then return {'claimLost', ARGV[2]} end
        local ended = crash(job, tonumber(limit), {code = code, why = why, again = again}, expires)
        note(id, tries)
        return {'ok', ended}
        """)

    /// Delay in milliseconds, then of each claim its job, worker and fence.
    static let release = StoreScript(
        """
        for i = 3, #ARGV, 3 do
            local job = held(ARGV[i], ARGV[i + 1], ARGV[i + 2])
            if job then requeue(job, now + ARGV[2]) end
        end
        return {'ok'}
        """)
}
