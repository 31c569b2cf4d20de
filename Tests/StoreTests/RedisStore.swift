import FoundationEssentials
import Jobs
import RedisBackend
import Testing

/// Lends an empty store on a Redis, and checks afterwards that all that it keeps fits together.
func withRedisStore(at url: String, _ clock: TestClock, _ body: (Scene) async throws -> Void) async throws {
    try await withRedis(at: url) { client, name in
        let store = try await RedisJobStore(client, name: name) { clock.now }
        try await body(Scene(store: store, clock: clock))
        let complaints = try await client.run(audit, keys: ["{\(name)}"])
        #expect(complaints.array?.compactMap(\.string) == [])
    }
}

/// - Parameter variable: the environment variable that says where the Redis is.
func withRedisStore(_ variable: String, _ clock: TestClock, _ body: (Scene) async throws -> Void) async throws {
    try await withRedisStore(at: address(variable), clock, body)
}

func withRedis(_ variable: String, _ body: (RedisClient, String) async throws -> Void) async throws {
    try await withRedis(at: address(variable), body)
}

private func address(_ variable: String) throws -> String {
    guard let url = ProcessInfo.processInfo.environment[variable] else { throw MissingServer(variable: variable) }
    return url
}

/// Lends a client and the name of a store that is not there yet; afterwards it is removed.
private func withRedis(at url: String, _ body: (RedisClient, String) async throws -> Void) async throws {
    let client = RedisClient(try RedisEndpoint(url: url), timeout: .seconds(10))
    let name = "test-\(UUID().uuidString)"
    let outcome = await Result { try await body(client, name) }
    _ = try await client.run(removal, keys: ["{\(name)}"])
    await client.close()
    try outcome.get()
}

/// A server that the tests need was not named.
struct MissingServer: Error, CustomStringConvertible {
    let variable: String
    var description: String { "\(variable) is not set: it says where the server is that this test needs" }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

private let removal = RedisScript(
    "for _, key in ipairs(redis.call('KEYS', KEYS[1] .. ':*')) do redis.call('UNLINK', key) end")

/// Reads everything, and says what does not fit together: each blob is counted as often as something refers to it, and each
/// job is where its state says, and nowhere else.
private let audit = RedisScript(
    """
    local P, call, wrong = KEYS[1] .. ':', redis.call, {}
    local function expect(fits, what) if not fits then wrong[#wrong + 1] = what end end
    local function all(name) return call('ZRANGE', P .. name, 0, -1) end
    local function map(name)
        local list, found = call('HGETALL', P .. name), {}
        for i = 1, #list, 2 do found[list[i]] = list[i + 1] end
        return found
    end
    local function count(counts, name) counts[name] = (counts[name] or 0) + 1 end
    local function expect_equal(found, expected, what)
        for name, number in pairs(found) do expect(tonumber(number) == expected[name], what .. ' ' .. name) end
        for name in pairs(expected) do expect(found[name], what .. ' missing ' .. name) end
    end

    local blobs, plans, keys, places, expected, known = {}, {}, {}, {}, {}, {}
    for _, id in ipairs(all('files')) do
        local file = map('file:' .. id)
        count(blobs, file.blob)
        expect(call('HGET', P .. 'originals', file.sha) == file.blob, 'original ' .. id)
        expect(call('HGET', P .. 'digests', file.blob) == file.sha, 'digest ' .. id)
        expect(call('ZSCORE', P .. 'expiring:files', id), 'file that does not expire ' .. id)
        known[P .. 'file:' .. id] = true
    end
    local makers = map('makers')
    for _, shelf in ipairs(call('KEYS', P .. 'state:*')) do
        local state, kind = string.match(shelf, 'state:(%a+):?(%a*)$')
        for _, id in ipairs(call('ZRANGE', shelf, 0, -1)) do
            local job = map('job:' .. id)
            expect((job.kind or '') == kind, 'kind ' .. id)
            if call('ZSCORE', P .. 'owing:jobs', id) then
                expect(job.hook and tonumber(job.ended), 'owing what has not ended ' .. id)
            end
            known[P .. 'job:' .. id] = true
            count(plans, job.plan)
            if job.idem then count(keys, job.idem) end
            expect(job.state == state, 'state ' .. id)
            expect((job.who ~= nil) == (state == 'processing'), 'worker ' .. id)
            expect((job.out ~= nil) == (state == 'done' and kind ~= 'webhook'), 'result ' .. id)
            expect((job.ended ~= nil) == (state ~= 'queued' and state ~= 'processing'), 'end ' .. id)
            local leads = makers[job.key] == id
            if state == 'queued' then
                if job.src then count(blobs, job.src) end
                expected[id] = leads and 'ready:' .. job.pri or 'followers:' .. job.key
                expect(makers[job.key], 'follower of nobody ' .. id)
            elseif state == 'processing' then
                if job.src then count(blobs, job.src) end
                expected[id] = 'leases'
                expect(leads, 'nobody follows ' .. id)
            else
                if job.out then count(blobs, job.out) else expect(not leads, 'follow a dead one ' .. id) end
                expected[id] = 'expiring:jobs'
            end
        end
    end
    for _, name in pairs({'ready:0', 'ready:1', 'ready:2', 'ready:3', 'leases', 'expiring:jobs'}) do
        for _, id in ipairs(all(name)) do
            expect(not places[id], 'in two places ' .. id)
            places[id] = name
        end
    end
    for _, name in ipairs(call('KEYS', P .. 'followers:*')) do
        for _, id in ipairs(call('ZRANGE', name, 0, -1)) do
            expect(not places[id], 'in two places ' .. id)
            places[id] = string.sub(name, #P + 1)
        end
    end
    for id, place in pairs(places) do expect(expected[id] == place, id .. ' is in ' .. place) end
    for id, place in pairs(expected) do expect(places[id] == place, id .. ' is not in ' .. place) end

    expect_equal(map('blobs'), blobs, 'count of blob')
    expect_equal(map('plans:uses'), plans, 'uses of plan')
    for name in pairs(map('plans')) do expect(plans[name], 'unused plan ' .. name) end
    for _, id in ipairs(all('expiring:batches')) do
        local batch = map('batch:' .. id)
        if batch.idem then count(keys, batch.idem) end
        expect((batch.ended ~= nil) == (batch.done + batch.failed == tonumber(batch.total)), 'end of batch ' .. id)
    end
    for name in pairs(map('keys')) do expect(keys[name] == 1, 'key of nobody ' .. name) end
    for key, id in pairs(makers) do expect(known[P .. 'job:' .. id], 'maker that is gone ' .. key) end
    for _, id in ipairs(all('owing:jobs')) do expect(known[P .. 'job:' .. id], 'owing for what is gone ' .. id) end
    for _, id in ipairs(all('owing:batches')) do
        local batch = map('batch:' .. id)
        expect(batch.hook and batch.ended, 'owing for a batch that is not complete ' .. id)
    end
    for _, blob in ipairs(all('doomed')) do expect(not blobs[blob], 'doomed and kept ' .. blob) end
    for blob in pairs(map('digests')) do expect(blobs[blob], 'digest of nothing ' .. blob) end
    for _, pattern in ipairs({'job:*', 'file:????????-????-????-????-????????????'}) do
        for _, name in ipairs(call('KEYS', P .. pattern)) do expect(known[name], 'unlisted ' .. name) end
    end
    return wrong
    """)
