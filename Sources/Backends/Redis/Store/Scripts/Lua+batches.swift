/// How batches are kept.
///
///     batch:<id>          hash: `url`, `total`, `done`, `failed`, `at` its creation, `keep` for how long after its end, in
///                         milliseconds, `open` how many of its jobs are unfinished, `ended`, `idem` its idempotency key,
///                         `hook` its webhook's URL
///     batch:<id>:images   list: of each image the id of its job (36 characters, blanks where there is none) and what the
///                         CSV said, as JSON
///     batches             sorted set: all batches, all at score 0, so that they are in order
///     expiring:batches    sorted set: all batches, by the time at which they expire
///     owing:batches       sorted set: complete batches whose receivers are to be told, by the time of their end
extension Lua {
    static let batches = """
        -- Counts unfinished jobs.
        local function open(id, by)
            local name = P .. 'batch:' .. id
            if call('EXISTS', name) == 1 then call('HINCRBY', name, 'open', by) end
        end

        -- Counts images that have ended, in the step that ends their jobs.
        local function tally(id, field, by)
            local name = P .. 'batch:' .. id
            if call('EXISTS', name) == 0 then return end
            call('HINCRBY', name, field, by)
            local batch = call('HMGET', name, 'total', 'done', 'failed', 'keep', 'hook')
            if batch[2] + batch[3] == tonumber(batch[1]) then
                call('HSET', name, 'ended', now)
                if batch[5] then call('ZADD', P .. 'owing:batches', now, id) end
            else
                call('HDEL', name, 'ended')
                call('ZREM', P .. 'owing:batches', id)
            end
            call('ZADD', P .. 'expiring:batches', now + batch[4], id)
        end

        local function view_batch(id)
            local batch = call('HGETALL', P .. 'batch:' .. id)
            if #batch == 0 then return nil end
            batch[#batch + 1] = 'id'
            batch[#batch + 1] = id
            return batch
        end

        -- Removes a batch; its jobs have their own time.
        local function remove_batch(id)
            local idem = call('HGET', P .. 'batch:' .. id, 'idem')
            if idem then call('HDEL', P .. 'keys', idem) end
            call('DEL', P .. 'batch:' .. id)
            call('UNLINK', P .. 'batch:' .. id .. ':images')
            call('ZREM', P .. 'expiring:batches', id)
            call('ZREM', P .. 'owing:batches', id)
            call('ZREM', P .. 'batches', id)
        end


        """
}
