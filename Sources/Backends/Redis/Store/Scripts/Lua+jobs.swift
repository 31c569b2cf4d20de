/// How jobs are kept.
///
///     job:<id>            hash, see below
///     tries:<id>          what became of each of a job's tries, as text, which would not fit into a packed hash
///     state:<state>       sorted set: ids of the jobs in that state, all at score 0, so that they are in order; those
///                         that do not develop a picture are in state:<state>:<kind>
///     ready:<line>        sorted set: jobs that may be claimed, by the time from which they may; the lines are 0 to 2 for
///                         pictures by their priority, 3 for deliveries
///     leases              sorted set: jobs being processed, by the end of their lease
///     makers              hash: a cache key, and the job that has made its result, or is to make it
///     followers:<key>     sorted set: jobs that wait for the maker of that cache key
///     file:<id>:jobs      sorted set: jobs of that file
///     expiring:jobs       sorted set: final jobs, by the time at which they expire
///     owing:jobs          sorted set: final jobs whose receivers are to be told, by the time of their end
///     keys                hash: an idempotency key, and the id of its job or batch and the fingerprint
///     plans, plans:uses   hashes: a task's SHA-1, its text, and by how many jobs it is used
///     done:<second>       how many jobs were done in that second, for a minute
///
/// A job's fields: `file` and `src` its blob, both or (where the source is a URL) neither, `plan` the task by its SHA-1,
/// `key` for the cache, `url`, `at` its creation, `pri` its line, `kind` where it develops no picture, `state`, `try` attempts, `crash` crashes, `fence`, `who` works on
/// it, `prog` how far, `began`, `ended`, `code` `why` `again` for a failure, `out` the result's blob and `info` its format,
/// width, height and bytes, `hit` where it was cached, `idem` its idempotency key, `batch` the batch that it is of, `hook` its webhook's URL. What is
/// zero or not so is left out. Names and values are short since Redis packs a hash of values up to 64 bytes into a third
/// of the memory; tasks are longer, but jobs share them.
extension Lua {
    static let jobs = """
        -- A job's fields by name, its id too, and the list of them as Redis answers it; nil where there is no such job.
        local function read(id)
            local list = call('HGETALL', P .. 'job:' .. id)
            if #list == 0 then return nil end
            local job = {id = id}
            for i = 1, #list, 2 do job[list[i]] = list[i + 1] end
            return job, list
        end

        -- A job as it is answered: its fields, and what is kept elsewhere; its tries where they are asked for.
        local function view(id, with_tries)
            local job, list = read(id)
            if not job then return nil end
            local function add(name, value)
                if not value then return end
                list[#list + 1] = name
                list[#list + 1] = value
            end
            add('id', id)
            add('text', call('HGET', P .. 'plans', job.plan))
            if with_tries then add('tries', call('GET', P .. 'tries:' .. id)) end
            if job.state == 'queued' then
                add('run', call('ZSCORE', P .. 'ready:' .. job.pri, id))
            elseif job.state ~= 'processing' then
                add('gone', call('ZSCORE', P .. 'expiring:jobs', id))
            end
            return list
        end

        local function views(ids)
            local found = {}
            for _, id in ipairs(ids) do found[#found + 1] = view(id) end
            return found
        end

        -- The job that a claim holds; nil where it holds none.
        local function held(id, worker, fence)
            local job = read(id)
            if job and job.state == 'processing' and job.who == worker and job.fence == fence then return job end
        end

        -- Where jobs of a kind in a state are listed.
        local function shelf(state, kind)
            return P .. 'state:' .. state .. (kind and ':' .. kind or '')
        end

        local function move(job, state)
            call('ZREM', shelf(job.state, job.kind), job.id)
            call('ZADD', shelf(state, job.kind), 0, job.id)
        end

        local function count_done(number)
            local counter = P .. 'done:' .. math.floor(now / 1000)
            if call('INCRBY', counter, number) == number then call('EXPIRE', counter, 60) end
        end

        -- Gives a ready job a higher priority.
        local function promote(id, from, to)
            local ready = call('ZSCORE', P .. 'ready:' .. from, id)
            call('ZREM', P .. 'ready:' .. from, id)
            call('ZADD', P .. 'ready:' .. to, ready, id)
            call('HSET', P .. 'job:' .. id, 'pri', to)
        end

        -- Sends a job on its way to its result, a new one or one that has failed: there is one already, or another works
        -- for it, or it shall. A job that is done at once is kept as long as that result, or until `kept` if that is later.
        -- Returns whether it did, which is not so, nothing being written, where the source's bytes are gone; and whether the
        -- job is done.
        local function begin(job, kept)
            local name = P .. 'job:' .. job.id
            local maker = call('HGET', P .. 'makers', job.key)
            local made = maker and call('HMGET', P .. 'job:' .. maker, 'state', 'out', 'info', 'pri') or {}
            local done = made[1] == 'done'
            if not done and job.src and call('HEXISTS', P .. 'blobs', job.src) == 0 then return false end
            local blob = done and made[2] or job.src
            if blob then keep(blob) end
            if job.state then
                if job.batch then tally(job.batch, 'failed', -1) end
                call('ZREM', shelf(job.state, job.kind), job.id)
                call('ZREM', P .. 'expiring:jobs', job.id)
                call('ZREM', P .. 'owing:jobs', job.id)
                call('HDEL', name, 'try', 'crash', 'prog', 'began', 'ended', 'code', 'why', 'again')
            end
            if done then
                call('HSET', name, 'state', 'done', 'ended', now, 'out', made[2], 'info', made[3], 'hit', 1)
                call('ZADD', shelf('done', job.kind), 0, job.id)
                if job.hook then call('ZADD', P .. 'owing:jobs', now, job.id) end
                local expires = call('ZSCORE', P .. 'expiring:jobs', maker)
                call('ZADD', P .. 'expiring:jobs', math.max(kept, expires), job.id)
                if job.batch then tally(job.batch, 'done', 1) end
                count_done(1)
            else
                call('HSET', name, 'state', 'queued')
                call('ZADD', shelf('queued', job.kind), 0, job.id)
                if job.batch then open(job.batch, 1) end
                if made[1] then
                    call('ZADD', P .. 'followers:' .. job.key, 0, job.id)
                    if made[1] == 'queued' and job.pri < made[4] then promote(maker, made[4], job.pri) end
                else
                    call('HSET', P .. 'makers', job.key, job.id)
                    call('ZADD', P .. 'ready:' .. job.pri, now, job.id)
                end
            end
            return true, done
        end


        """
}
