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
}
