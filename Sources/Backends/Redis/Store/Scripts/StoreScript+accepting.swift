extension StoreScript {
    /// Job's id, file, source, plan's text, cache key, URL, creation, priority; idempotency key or nothing, fingerprint.
    ///
    /// Answers with 1 where the key was known, else 0, and the job; in the place of one that is new and waits, which is as it
    /// was sent, comes the time. Said again of the same job, it changes nothing and answers alike.
    static let submit = StoreScript(
        """
        local id, file, src, text, key, url, at, pri, idem, print = unpack(ARGV, 2)
        if idem ~= '' then
            local known = call('HGET', P .. 'keys', idem)
            -- The id of its job has 36 characters.
            if known and string.sub(known, 37) ~= print then return {'reused'} end
            if known and string.sub(known, 1, 36) ~= id then
                return {'ok', 1, view(string.sub(known, 1, 36))}
            end
        end
        if call('EXISTS', P .. 'job:' .. id) == 1 then return {'ok', 0, view(id)} end
        local kept = call('ZSCORE', P .. 'expiring:files', file)
        if not kept then return absence(file) end

        local begun, made_already = begin({id = id, src = src, key = key, pri = pri}, tonumber(kept))
        if not begun then return {'sourceGone'} end
        local plan = redis.sha1hex(text)
        call(
            'HSET', P .. 'job:' .. id, 'file', file, 'src', src, 'plan', plan, 'key', key, 'url', url, 'at', at,
            'pri', pri)
        if call('HINCRBY', P .. 'plans:uses', plan, 1) == 1 then call('HSET', P .. 'plans', plan, text) end
        call('ZADD', P .. 'file:' .. file .. ':jobs', 0, id)
        if idem ~= '' then
            call('HSET', P .. 'keys', idem, id .. print)
            call('HSET', P .. 'job:' .. id, 'idem', idem)
        end
        return {'ok', 0, made_already and view(id) or now}
        """)

    /// Job's id.
    static let retryFailed = StoreScript(
        """
        local job = read(ARGV[2])
        if not job then return absence(ARGV[2]) end
        if job.state ~= 'failed' then return {'notFailed', job.state} end
        local expires = tonumber(call('ZSCORE', P .. 'expiring:jobs', job.id))
        if not begin(job, expires) then return {'sourceGone'} end
        return {'ok', view(job.id)}
        """)
}
