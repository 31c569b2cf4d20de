import Testing

@testable import RedisBackend

@Suite struct `Redis URL` {
    struct Reading: Sendable {
        let url: String
        var host = "cache"
        var port = 6379
        var isEncrypted = false
        var user: String?
        var password: String?
        var database = 0
        var mustBeCluster = false
    }

    @Test(arguments: [
        Reading(url: "redis://cache"),
        Reading(url: "redis://cache/"),
        Reading(url: "REDIS://cache:7000/15", port: 7000, database: 15),
        Reading(url: "rediss://cache:6380/0", port: 6380, isEncrypted: true),
        Reading(url: "redis://:secret@cache", password: "secret"),
        Reading(url: "redis://ann:secret@cache:1/2", port: 1, user: "ann", password: "secret", database: 2),
        Reading(url: "redis://a%40b:p%2F%3A%40%23%C3%A9@cache", user: "a@b", password: "p/:@#é"),
        Reading(url: "redis://[::1]:7000", host: "::1", port: 7000),
        Reading(url: "redis://127.0.0.1:7000?cluster=1", host: "127.0.0.1", port: 7000, mustBeCluster: true),
        Reading(url: "redis://cache/0?cluster=0"),
    ])
    func `every part is read`(_ expected: Reading) throws {
        let endpoint = try RedisEndpoint(url: expected.url)
        #expect(endpoint.host == expected.host)
        #expect(endpoint.port == expected.port)
        #expect(endpoint.isEncrypted == expected.isEncrypted)
        #expect(endpoint.user == expected.user)
        #expect(endpoint.password == expected.password)
        #expect(endpoint.database == expected.database)
        #expect(endpoint.mustBeCluster == expected.mustBeCluster)
    }

    @Test(arguments: [
        "", "cache:6379", "http://cache", "redis://", "redis://:secret@", "redis://cache:0", "redis://cache:65536",
        "redis://cache:port", "redis://cache/jobs", "redis://cache/-1", "redis://cache/1/2", "redis://cache?clutser=1",
        "redis://cache?cluster=yes", "redis://cache/1?cluster=1", "redis://:sec#ret/@cache", "redis://:se cret@ca che",
        "redis://user:12/secret@cache", "redis://user:48?secret@cache", "redis://user:48?cluster=secret@cache",
    ])
    func `what makes no sense is refused, without the password`(_ url: String) {
        #expect {
            _ = try RedisEndpoint(url: url)
        } throws: { error in
            error is InvalidRedisURL && !"\(error)".contains("secret") && !"\(error)".contains("sec#ret")
        }
    }

    @Test(arguments: [
        ("redis://cache", "redis://cache:6379/0"),
        ("redis://:secret@cache", "redis://:***@cache:6379/0"),
        ("rediss://ann:secret@[::1]:1/2", "rediss://ann:***@[::1]:1/2"),
    ])
    func `its description hides the password`(_ url: String, _ description: String) throws {
        let endpoint = try RedisEndpoint(url: url)
        #expect("\(endpoint)" == description)
        #expect(!String(reflecting: endpoint).contains("secret"))
    }
}
