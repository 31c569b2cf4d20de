extension StoreScript {
    /// File's id, blob, SHA-256, name, format, width, height, size in bytes, creation, expiry.
    ///
    /// Said again of the same file, it changes nothing and answers alike.
    static let insertFile = StoreScript(
        """
        local id, blob, digest, name, format, width, height, size, at, expires = unpack(ARGV, 2)
        local file = P .. 'file:' .. id
        if call('EXISTS', file) == 0 then
            local same = call('HGET', P .. 'originals', digest)
            blob = same or blob
            keep(blob)
            if not same then
                call('HSET', P .. 'originals', digest, blob)
                call('HSET', P .. 'digests', blob, digest)
            end
            call(
                'HSET', file, 'blob', blob, 'sha', digest, 'name', name, 'format', format, 'width', width,
                'height', height, 'size', size, 'at', at)
            if same then call('HSET', file, 'dup', 1) end
            call('ZADD', P .. 'files', 0, id)
            call('ZADD', P .. 'expiring:files', expires, id)
        end
        return {'ok', view_file(id)}
        """)

    /// File's id.
    static let file = StoreScript(
        """
        local file = view_file(ARGV[2])
        if not file then return absence(ARGV[2]) end
        return {'ok', file}
        """)

    /// The upper bound of the ids, as `ZREVRANGEBYLEX` takes it, and how many.
    static let files = StoreScript(
        """
        local ids = call('ZREVRANGEBYLEX', P .. 'files', ARGV[2], '-', 'LIMIT', 0, ARGV[3])
        local found = {}
        for _, id in ipairs(ids) do found[#found + 1] = view_file(id) end
        return {'ok', found}
        """)

    /// File's id. All of its jobs end in this one step, however many there are.
    static let deleteFile = StoreScript(
        """
        local id = ARGV[2]
        local expires = call('ZSCORE', P .. 'expiring:files', id)
        if not expires then return absence(id) end

        local canceled, heirs, followers, leaders, final = {}, {}, {}, {}, {}
        for _, name in ipairs(call('ZRANGE', P .. 'file:' .. id .. ':jobs', 0, -1)) do
            local job = read(name)
            if job and job.state ~= 'queued' and job.state ~= 'processing' then
                final[#final + 1] = job
            elseif job then
                canceled[#canceled + 1] = name
                local leads = call('HGET', P .. 'makers', job.key) == name
                table.insert(leads and leaders or followers, job)
            end
        end

        remove_file(id)
        -- Followers first: none of them shall be made a leader on the way.
        for _, job in ipairs(followers) do cancel(job, expires, heirs) end
        for _, job in ipairs(leaders) do cancel(job, expires, heirs) end
        for _, job in ipairs(final) do remove(job) end
        return {'ok', canceled, heirs}
        """)
}
