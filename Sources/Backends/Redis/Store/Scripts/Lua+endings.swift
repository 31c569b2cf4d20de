/// How jobs end. Each of these begins by taking a job out of a sorted set, which Redis allows when its memory is full.
extension Lua {
    static let endings = """
        -- Takes an unfinished job out of whatever it waits in.
        local function unplace(job)
            if job.state == 'processing' then
                call('ZREM', P .. 'leases', job.id)
            elseif call('ZREM', P .. 'ready:' .. job.pri, job.id) == 0 then
                call('ZREM', P .. 'followers:' .. job.key, job.id)
            end
        end

        -- Ends an unfinished job; who waits for it, and what it made, is the caller's to settle.
        local function close(job, state, expires)
            unplace(job)
            call('HDEL', P .. 'job:' .. job.id, 'who', 'code', 'why', 'again')
            call('HSET', P .. 'job:' .. job.id, 'state', state, 'ended', now)
            move(job, state)
            call('ZADD', P .. 'expiring:jobs', expires, job.id)
            if job.hook then call('ZADD', P .. 'owing:jobs', now, job.id) end
            if job.src then drop(job.src) end
            if job.batch then
                open(job.batch, -1)
                tally(job.batch, state == 'done' and 'done' or 'failed', 1)
            end
        end

        -- Queues a job again that is being processed.
        local function requeue(job, ready)
            unplace(job)
            call('HDEL', P .. 'job:' .. job.id, 'who', 'prog')
            call('HSET', P .. 'job:' .. job.id, 'state', 'queued')
            move(job, 'queued')
            call('ZADD', P .. 'ready:' .. job.pri, ready, job.id)
        end

        local function explain(id, failure)
            call('HSET', P .. 'job:' .. id, 'code', failure.code, 'why', failure.why, 'again', failure.again)
        end

        -- Takes down a job's tries; without any they stay as they are.
        local function note(id, tries)
            if tries ~= '' then call('SET', P .. 'tries:' .. id, tries) end
        end

        -- Calls step(follower) for each job that waits for this one's result. Returns their ids.
        local function each_follower(job, step)
            local name, ids = P .. 'followers:' .. job.key, {}
            for _, id in ipairs(call('ZRANGE', name, 0, -1)) do
                local follower = read(id)
                if follower then
                    step(follower)
                    ids[#ids + 1] = id
                else
                    -- Somebody's hand was in the store; the others shall not be left halfway.
                    call('ZREM', name, id)
                end
            end
            return ids
        end

        -- Ends a job and its followers as failed. Returns the followers.
        local function fail(job, failure, expires)
            local function end_one(job)
                close(job, 'failed', expires)
                explain(job.id, failure)
            end
            end_one(job)
            call('HDEL', P .. 'makers', job.key)
            return each_follower(job, end_one)
        end

        -- Counts a crash of a job that is being processed, and queues it again or ends it. Returns the jobs that ended.
        local function crash(job, limit, failure, expires)
            local crashes = (job.crash or 0) + 1
            local ended = {}
            if crashes < limit then
                requeue(job, now)
            else
                ended = fail(job, failure, expires)
                table.insert(ended, 1, job.id)
            end
            call('HSET', P .. 'job:' .. job.id, 'crash', crashes)
            return ended
        end

        -- Cancels an unfinished job; the oldest of its followers takes its place, and is added to the heirs with its class.
        local function cancel(job, expires, heirs)
            close(job, 'canceled', expires)
            if call('HGET', P .. 'makers', job.key) ~= job.id then return end
            local heir, pri
            repeat
                heir = call('ZRANGE', P .. 'followers:' .. job.key, 0, 0)[1]
                if not heir then
                    call('HDEL', P .. 'makers', job.key)
                    return
                end
                call('ZREM', P .. 'followers:' .. job.key, heir)
                pri = call('HGET', P .. 'job:' .. heir, 'pri')
            until pri
            call('HSET', P .. 'makers', job.key, heir)
            call('ZADD', P .. 'ready:' .. pri, now, heir)
            heirs[#heirs + 1] = heir
            heirs[#heirs + 1] = pri
        end

        -- Removes a final job with what it keeps. A result leaves the cache with the job that made it.
        local function remove(job)
            call('DEL', P .. 'job:' .. job.id)
            call('DEL', P .. 'tries:' .. job.id)
            call('ZREM', shelf(job.state, job.kind), job.id)
            call('ZREM', P .. 'expiring:jobs', job.id)
            if job.hook then call('ZREM', P .. 'owing:jobs', job.id) end
            if job.file then call('ZREM', P .. 'file:' .. job.file .. ':jobs', job.id) end
            if job.idem then call('HDEL', P .. 'keys', job.idem) end
            if call('HINCRBY', P .. 'plans:uses', job.plan, -1) == 0 then
                call('HDEL', P .. 'plans:uses', job.plan)
                call('HDEL', P .. 'plans', job.plan)
            end
            if not job.out then return end
            drop(job.out)
            if call('HGET', P .. 'makers', job.key) == job.id then call('HDEL', P .. 'makers', job.key) end
        end


        """
}
