import Testing

@testable import tintype

@Suite struct `The settings` {
    @Test func `every default is a value that is allowed`() {
        for setting in Settings.all {
            if let text = setting.defaultText { #expect(setting.accepts(text), "\(setting.name)") }
        }
    }

    @Test func `no variable stands in the table twice`() {
        #expect(Set(Settings.all.map(\.name)).count == Settings.all.count)
    }

    @Test(arguments: [
        ("PORT", "65536"), ("PORT", "-1"), ("PORT", "http"), ("MAX_FILE_SIZE", "0"), ("MAX_FILE_SIZE", "10MB"),
        ("WORKERS", "0"), ("LOG_LEVEL", "loud"), ("LOG_FORMAT", "xml"), ("ALLOWED_EXTENSIONS", "jpg,exe"),
        ("ALLOWED_EXTENSIONS", ","), ("PUBLIC_URL", "example.org"), ("PUBLIC_URL", "https://example.org/path"),
        ("PUBLIC_URL", "https://"), ("DATABASE_URL", "oracle://db"), ("DATABASE_URL", "sqlite:///"),
        ("ALLOW_LOCAL", "yes"), ("RETENTION_HOURS", "0"), ("REDIS_URL", "localhost:6379"), ("REDIS_URL", "redis://"),
        ("RABBITMQ_URL", "http://localhost"), ("STORAGE_URL", "bucket"), ("CHAOS_CRASH_RATE", "2"),
        ("CHAOS_FAILURE_RATE", "often"),
    ])
    func `a value that does not fit is refused`(_ name: String, _ value: String) throws {
        let setting = try #require(Settings.all.first { $0.name == name })
        #expect(!setting.accepts(value))
    }

    @Test(arguments: [
        ("PORT", "0"), ("PUBLIC_URL", "https://pictures.example.org"), ("PUBLIC_URL", "http://localhost:8000/"),
        ("DATABASE_URL", "sqlite:////var/lib/tintype/jobs.db"), ("DATABASE_URL", "postgresql://u:p@db/jobs"),
        ("DATABASE_URL", "mysql+pymysql://u:p@db/jobs"), ("REDIS_URL", "rediss://u:p@cache:6380/1"),
        ("RABBITMQ_URL", "amqps://u:p@mq/vhost"), ("STORAGE_URL", "s3://bucket/prefix"), ("CHAOS_CRASH_RATE", "0.05"),
        ("ALLOWED_EXTENSIONS", ".JPG, png"),
        ("LOG_LEVEL", "DEBUG"), ("ALLOW_LOCAL", "1"),
    ])
    func `a value that fits is taken`(_ name: String, _ value: String) throws {
        let setting = try #require(Settings.all.first { $0.name == name })
        #expect(setting.accepts(value))
    }

    @Test func `a public URL is kept without the slash at its end, and extensions without dot and case`() {
        #expect(Settings.publicURL.parse("http://localhost:8000/") == "http://localhost:8000")
        #expect(Settings.allowedExtensions.parse(".JPG, png") == ["jpg", "png"])
    }
}
