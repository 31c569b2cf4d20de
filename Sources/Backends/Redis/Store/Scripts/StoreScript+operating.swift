extension StoreScript {
    /// Job's id, expiry of one that has no file.
    static let cancel = StoreScript(
        """
        local job = read(ARGV[2])
        if not job then return absence(ARGV[2]) end
        if job.state ~= 'queued' and job.state ~= 'processing' then return {'isFinal', job.state} end
        local heirs = {}
        cancel(job, job.file and call('ZSCORE', P .. 'expiring:files', job.file) or ARGV[3], heirs)
        return {'ok', view(job.id), heirs}
        """)

    /// Job's id.
    static let discardFailed = StoreScript(
        """
        local job = read(ARGV[2])
        if not job then return absence(ARGV[2]) end
        if job.state ~= 'failed' then return {'notFailed', job.state} end
        if call('ZSCORE', P .. 'owing:jobs', job.id) then return {'webhookOwed'} end
        remove(job)
        call('ZADD', P .. 'expired', now, job.id)
        return {'ok'}
        """)

    /// Whether workers are to take no pictures: the key `paused` is there while they are.
    static let pause = StoreScript(
        """
        if ARGV[2] == '1' then call('SET', P .. 'paused', 1) else call('DEL', P .. 'paused') end
        return {'ok'}
        """)

    /// Worker's id, whether it is to take no pictures.
    static let drain = StoreScript(
        """
        local name = P .. 'worker:' .. ARGV[2]
        if call('EXISTS', name) == 0 then return {'unknown'} end
        if ARGV[3] == '1' then call('HSET', name, 'drain', 1) else call('HDEL', name, 'drain') end
        return {'ok'}
        """)
}
