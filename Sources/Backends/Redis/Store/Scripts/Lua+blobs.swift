/// The counting of what keeps a blob, always in the step that adds or takes the reference.
///
///     blobs      hash: the key of each kept blob, and how many refer to it
///     originals  hash: the SHA-256 of an upload, and its blob
///     digests    hash: the same the other way round
///     doomed     sorted set: blobs that nothing refers to any more, by the time of that
extension Lua {
    static let blobs = """
        local function keep(blob)
            call('HINCRBY', P .. 'blobs', blob, 1)
        end

        -- Counts one reference less, and dooms the blob with the last.
        local function drop(blob)
            if call('HINCRBY', P .. 'blobs', blob, -1) > 0 then return end
            call('HDEL', P .. 'blobs', blob)
            call('ZADD', P .. 'doomed', now, blob)
            local digest = call('HGET', P .. 'digests', blob)
            if digest then
                call('HDEL', P .. 'digests', blob)
                call('HDEL', P .. 'originals', digest)
            end
        end


        """
}
