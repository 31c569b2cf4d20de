extension StoreScript {
    /// Job's id.
    static let cancel = StoreScript(
        """
        local job = read(ARGV[2])
        if not job then return absence(ARGV[2]) end
        if job.state ~= 'queued' and job.state ~= 'processing' then return {'isFinal', job.state} end
        -- A canceled job is kept as long as its file.
        local heirs = {}
        cancel(job, call('ZSCORE', P .. 'expiring:files', job.file) or now, heirs)
        return {'ok', view(job.id), heirs}
        """)
}
