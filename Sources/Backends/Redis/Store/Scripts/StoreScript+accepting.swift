extension StoreScript {
    /// Job's id, file, source (both empty where there are none), task's text, cache key, URL, creation, line, kind and
    /// webhook (both empty where there is none to note); idempotency key or nothing, fingerprint.
    ///
    /// Answers with 1 where the key was known, else 0, and the job; in the place of one that is new and waits, which is as it
    /// was sent, comes the time. Said again of the same job, it changes nothing and answers alike.
    static let submit = StoreScript(
        recording + """
            local id, file, src, text, key, url, at, pri, kind, hook, idem, print = unpack(ARGV, 2)
            if idem ~= '' then
                local known = call('HGET', P .. 'keys', idem)
                -- The id of its job has 36 characters.
                if known and string.sub(known, 37) ~= print then return {'reused'} end
                if known and string.sub(known, 1, 36) ~= id then
                    return {'ok', 1, view(string.sub(known, 1, 36))}
                end
            end
            if call('EXISTS', P .. 'job:' .. id) == 1 then return {'ok', 0, view(id)} end
            local refused, made_already = record(id, file, src, text, key, url, at, pri, kind, hook)
            if refused then return refused end
            if idem ~= '' then
                call('HSET', P .. 'keys', idem, id .. print)
                call('HSET', P .. 'job:' .. id, 'idem', idem)
            end
            return {'ok', 0, made_already and view(id) or now}
            """)

    /// Batch's id, URL, how many images, creation, for how long it is kept in milliseconds, webhook or nothing; idempotency
    /// key or nothing, fingerprint. Answers with 1 where the key was known, else 0, and the batch.
    static let beginBatch = StoreScript(
        """
        local id, url, total, at, keep, hook, idem, print = unpack(ARGV, 2)
        if idem ~= '' then
            local known = call('HGET', P .. 'keys', idem)
            if known and string.sub(known, 37) ~= print then return {'reused'} end
            if known and string.sub(known, 1, 36) ~= id then return {'ok', 1, view_batch(string.sub(known, 1, 36))} end
        end
        local name = P .. 'batch:' .. id
        if call('EXISTS', name) == 0 then
            call('HSET', name, 'url', url, 'total', total, 'done', 0, 'failed', 0, 'at', at, 'keep', keep)
            call('ZADD', P .. 'batches', 0, id)
            call('ZADD', P .. 'expiring:batches', now + keep, id)
            if hook ~= '' then call('HSET', name, 'hook', hook) end
            if idem ~= '' then
                call('HSET', P .. 'keys', idem, id .. print)
                call('HSET', name, 'idem', idem)
            end
        end
        return {'ok', 0, view_batch(id)}
        """)

    /// Batch's id, position; then of each image its text, the job's id or nothing, task's text, cache key, URL, creation,
    /// priority. Answers with the jobs that are ready, each followed by its priority.
    static let addImages = StoreScript(
        recording + """
            local batch, position = ARGV[2], tonumber(ARGV[3])
            if call('EXISTS', P .. 'batch:' .. batch) == 0 then return absence(batch) end
            local images = P .. 'batch:' .. batch .. ':images'
            local known = call('LLEN', images) - position
            local ready = {}
            for i = 4 + math.max(known, 0) * 7, #ARGV, 7 do
                local image, id, text, key, url, at, pri = unpack(ARGV, i, i + 6)
                if id == '' then
                    tally(batch, 'failed', 1)
                    id = string.rep(' ', 36)
                else
                    record(id, '', '', text, key, url, at, pri, '', '', batch)
                    if call('ZSCORE', P .. 'ready:' .. pri, id) then
                        ready[#ready + 1] = id
                        ready[#ready + 1] = pri
                    end
                end
                call('RPUSH', images, id .. image)
            end
            return {'ok', ready}
            """)

    /// Of each delivery whether it is of a job or a batch (`jobs`, `batches`), of which, and when that ended; then its own id,
    /// task's text, cache key, URL, creation, line, kind.
    static let schedule = StoreScript(
        recording + """
            for i = 2, #ARGV, 10 do
                local owner, subject, ended, id, text, key, url, at, pri, kind = unpack(ARGV, i, i + 9)
                local owed = call('ZSCORE', P .. 'owing:' .. owner, subject)
                if owed and tonumber(owed) == tonumber(ended) then
                    call('ZREM', P .. 'owing:' .. owner, subject)
                    record(id, '', '', text, key, url, at, pri, kind, '')
                end
            end
            return {'ok'}
            """)

    private static let recording = """
        -- Records a job that is not there yet. Returns why it did not, or nil; and whether the job is done.
        local function record(id, file, src, text, key, url, at, pri, kind, hook, batch)
            local job, kept = {id = id, key = key, pri = pri, batch = batch}, now
            if kind ~= '' then job.kind = kind end
            if hook ~= '' then job.hook = hook end
            if file ~= '' then
                kept = call('ZSCORE', P .. 'expiring:files', file)
                if not kept then return absence(file) end
                job.src = src
            end
            local begun, made_already = begin(job, tonumber(kept))
            if not begun then return {'sourceGone'} end
            local plan = redis.sha1hex(text)
            local fields = {'plan', plan, 'key', key, 'url', url, 'at', at, 'pri', pri}
            local function add(name, value)
                fields[#fields + 1] = name
                fields[#fields + 1] = value
            end
            if file ~= '' then
                add('file', file)
                add('src', src)
                call('ZADD', P .. 'file:' .. file .. ':jobs', 0, id)
            end
            if batch then add('batch', batch) end
            if job.kind then add('kind', kind) end
            if job.hook then add('hook', hook) end
            call('HSET', P .. 'job:' .. id, unpack(fields))
            if call('HINCRBY', P .. 'plans:uses', plan, 1) == 1 then call('HSET', P .. 'plans', plan, text) end
            return nil, made_already
        end


        """

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
