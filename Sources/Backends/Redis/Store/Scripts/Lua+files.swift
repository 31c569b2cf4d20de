/// How files are kept.
///
///     file:<id>           hash: `blob`, `sha`, `name`, `format`, `width`, `height`, `size` in bytes, `at` its creation, and
///                         `dup` where its bytes were there before
///     files               sorted set: ids of all files at score 0, so that they are in order
///     expiring:files      sorted set: all files, by the time at which they expire
extension Lua {
    static let files = """
        local function view_file(id)
            local file = call('HGETALL', P .. 'file:' .. id)
            if #file == 0 then return nil end
            local rest = {'id', id, 'expires', call('ZSCORE', P .. 'expiring:files', id)}
            for _, item in ipairs(rest) do file[#file + 1] = item end
            return file
        end

        -- Removes a file; its jobs are the caller's to settle, or stay.
        local function remove_file(id)
            local blob = call('HGET', P .. 'file:' .. id, 'blob')
            call('DEL', P .. 'file:' .. id)
            call('UNLINK', P .. 'file:' .. id .. ':jobs')
            call('ZREM', P .. 'files', id)
            call('ZREM', P .. 'expiring:files', id)
            if blob then drop(blob) end
        end


        """
}
