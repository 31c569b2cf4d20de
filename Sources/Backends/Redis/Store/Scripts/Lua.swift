/// What the store's scripts have in common.
///
/// Redis runs a script whole and alone, so that each is a step that has happened or not. None of them can be rolled back:
/// a script first looks at all that may forbid the step, and then writes. It answers with a list whose first entry is a
/// word: `ok`, or why the step was not taken.
///
/// `KEYS[1]` is the store's prefix in braces, `{tintype}`; all other keys are made from it. That is more than Redis promises
/// for clusters, where a script is to name its keys, but holds on every open Redis and on ElastiCache: braces make the hash
/// tag, so that all keys are in the slot of the one that was named. `KEYS[2]` is for clusters that move the slot, see
/// `RedisJobStore.run`. `ARGV[1]` is the time in milliseconds, empty for that of the server's clock; what follows it is each
/// script's own.
///
/// Where Redis has reached `maxmemory` it refuses commands that may need more, but never in the middle of a script: the
/// first write decides. Scripts that work queues off, or free something, therefore begin with a command that only takes
/// away (`ZREM`, `DEL`); those that accept work do not, and are refused whole
/// (so is a report of progress, which the next one makes up for).
enum Lua {
    static let prelude = keys + blobs + batches + jobs + endings + files

    private static let keys = """
        local P = KEYS[1] .. ':'
        local call = redis.call

        local now = tonumber(ARGV[1])
        if not now then
            local time = call('TIME')
            now = time[1] * 1000 + math.floor(time[2] / 1000)
        end

        -- Why a file or job is not there.
        local function absence(id)
            return {call('ZSCORE', P .. 'expired', id) and 'expired' or 'unknown'}
        end


        """
}
