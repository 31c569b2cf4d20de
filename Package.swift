// swift-tools-version: 6.2
import PackageDescription

/// One set of rules for every Swift target; `CONTRIBUTING.md` says why each is on.
let swiftSettings: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .treatWarning("DeprecatedDeclaration", as: .warning),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
]

/// Loops over pixels are 30 to 50 times slower unoptimised, so these targets are optimised in debug builds as well, and so
/// are those in C: one build then serves every test. In addition to ``swiftSettings``.
let pixelSettings: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// Whose parsers are fuzzed.
let fuzzed: [Target.Dependency] = ["Codecs", "Imaging", "Jobs", "Server", .nioCore]

/// What several targets use of other packages.
extension Target.Dependency {
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
    static let logging = product(name: "Logging", package: "swift-log")
    static let metrics = product(name: "Metrics", package: "swift-metrics")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let nioSSL = product(name: "NIOSSL", package: "swift-nio-ssl")
    static let serviceLifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let subprocess = product(name: "Subprocess", package: "swift-subprocess")
    static let systemPackage = product(name: "SystemPackage", package: "swift-system")
}

/// The name of a library that ``CClients`` loads, where it is Homebrew's: its headers are found by pkg-config alone, and the
/// program is linked to it. On Linux the headers are found without, and it must not be.
func homebrew(_ name: String) -> String? {
    #if os(macOS)
        name
    #else
        nil
    #endif
}

/// Foundation proper brings 44 MB of Unicode data into the image; FoundationEssentials is enough.
let package = Package(
    name: "tintype",
    platforms: [.macOS(.v26)],
    products: [.executable(name: "tintype", targets: ["tintype"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0", traits: []),
    ],
    targets: [
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        .systemLibrary(
            name: "CPostgres", pkgConfig: homebrew("libpq"), providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .systemLibrary(
            name: "CMySQL", pkgConfig: homebrew("libmariadb"),
            providers: [.apt(["libmariadb-dev"]), .brew(["mariadb-connector-c"])]),
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
        .systemLibrary(
            name: "CRabbitMQ", pkgConfig: homebrew("librabbitmq"),
            providers: [.apt(["librabbitmq-dev"]), .brew(["rabbitmq-c"])]),
        .systemLibrary(
            name: "CCurl", pkgConfig: homebrew("libcurl"),
            providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
        .systemLibrary(
            name: "CLibJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
        .systemLibrary(name: "CLibPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
        .systemLibrary(
            name: "CLibTIFF", pkgConfig: "libtiff-4", providers: [.apt(["libtiff-dev"]), .brew(["libtiff"])]),
        .systemLibrary(
            name: "CWebP", pkgConfig: "libwebpdemux", providers: [.apt(["libwebp-dev"]), .brew(["webp"])]),
        .systemLibrary(
            name: "CLCMS", pkgConfig: "lcms2", providers: [.apt(["liblcms2-dev"]), .brew(["little-cms2"])]),
        .systemLibrary(name: "CGIF", providers: [.apt(["libgif-dev"]), .brew(["giflib"])]),
        .systemLibrary(
            name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"]), .brew(["isa-l"])]),
        .target(name: "CClients", dependencies: ["CCurl", "CMySQL", "CPostgres", "CRabbitMQ"]),
        .target(name: "CJPEG", dependencies: ["CLibJPEG"]),
        .target(name: "CPNG", dependencies: ["CISAL", "CLibPNG", "CZlib"]),
        .target(name: "CTIFF", dependencies: ["CLibTIFF"]),
        .target(name: "CVectors", cSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))]),
        .target(name: "Gzip", dependencies: ["CZlib"]),
        .target(name: "Imaging", dependencies: ["CVectors"], swiftSettings: pixelSettings),
        .target(
            name: "Codecs", dependencies: ["Imaging", "CGIF", "CJPEG", "CLCMS", "CPNG", "CTIFF", "CWebP"],
            swiftSettings: pixelSettings),
        .target(
            name: "Rendering", dependencies: ["Imaging", "Codecs", "Jobs", "Threads", .subprocess, .systemPackage],
            swiftSettings: pixelSettings),
        .target(
            name: "Jobs", dependencies: ["Imaging", .crypto, .logging, .metrics, .serviceLifecycle, .systemPackage]),
        .target(name: "Threads", dependencies: [.nioCore, .nioPosix]),
        .target(
            name: "SQLBackend", dependencies: ["Imaging", "Jobs", "Threads", .logging], path: "Sources/Backends/SQL"),
        .target(
            name: "SQLiteBackend", dependencies: ["CSQLite", "Jobs", "SQLBackend", "Threads"],
            path: "Sources/Backends/SQLite"),
        .target(
            name: "PostgreSQLBackend", dependencies: ["CClients", "CPostgres", "Jobs", "SQLBackend", "Threads"],
            path: "Sources/Backends/PostgreSQL"),
        .target(
            name: "MySQLBackend", dependencies: ["CClients", "CMySQL", "Jobs", "SQLBackend", "Threads"],
            path: "Sources/Backends/MySQL"),
        .target(
            name: "RedisBackend", dependencies: ["CHiredis", "Imaging", "Jobs", .crypto, .nioCore, .nioPosix, .nioSSL],
            path: "Sources/Backends/Redis"),
        .target(
            name: "RabbitMQBackend",
            dependencies: ["CClients", "CRabbitMQ", "Jobs", "Threads", .nioCore, .nioPosix, .nioSSL],
            path: "Sources/Backends/RabbitMQ"),
        .target(
            name: "HTTPClient", dependencies: ["CClients", "CCurl", "Threads", .systemPackage],
            path: "Sources/Backends/HTTP"),
        .target(
            name: "S3Backend", dependencies: ["HTTPClient", "Jobs", "Threads", .crypto, .logging, .systemPackage],
            path: "Sources/Backends/S3"),
        .target(
            name: "ECSBackend", dependencies: ["HTTPClient", "Jobs", .logging, .serviceLifecycle],
            path: "Sources/Backends/ECS"),
        .target(
            name: "CloudWatchBackend", dependencies: ["Imaging", "Jobs", .logging, .metrics, .serviceLifecycle],
            path: "Sources/Backends/CloudWatch"),
        .target(
            name: "OpenAIBackend", dependencies: ["HTTPClient", "Imaging", "Jobs"], path: "Sources/Backends/OpenAI"),
        .target(
            name: "FetchBackend", dependencies: ["HTTPClient", "Jobs", .systemPackage], path: "Sources/Backends/Fetch"),
        .target(name: "DiskBackend", dependencies: ["Jobs", "Threads", .systemPackage], path: "Sources/Backends/Disk"),
        .target(
            name: "Server",
            dependencies: [
                "Gzip", "Imaging", "Jobs", "Threads", .crypto, .httpTypes, .logging, .metrics, .nioCore, .nioHTTP1,
                .nioPosix,
                .serviceLifecycle, .systemPackage,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
            ],
            resources: [.embedInCode("Pages")]),
        .executableTarget(
            name: "tintype",
            dependencies: [
                "CClients", "CCurl", "CGIF", "CHiredis", "CISAL", "CLCMS", "CLibJPEG", "CLibPNG", "CLibTIFF", "CMySQL",
                "CPostgres", "CRabbitMQ", "CSQLite", "CWebP", "CZlib",
                "CloudWatchBackend", "Codecs", "DiskBackend", "ECSBackend", "FetchBackend", "Imaging", "Jobs",
                "MySQLBackend", "OpenAIBackend", "PostgreSQLBackend", "RabbitMQBackend", "RedisBackend", "Rendering",
                "S3Backend", "SQLBackend", "SQLiteBackend", "Server", "Threads", .logging,
                .metrics, .nioCore, .nioPosix, .serviceLifecycle, .systemPackage,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        .testTarget(
            name: "JobsTests",
            dependencies: [
                "DiskBackend", "Imaging", "Jobs", "SQLBackend", "SQLiteBackend", "Threads", .crypto, .logging,
                .metrics, .serviceLifecycle, .systemPackage,
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
            ]),
        .executableTarget(
            name: "StoreWriter",
            dependencies: ["Imaging", "Jobs", "SQLBackend", "SQLiteBackend", .crypto, .systemPackage],
            path: "Tests/Support/StoreWriter"),
        .testTarget(
            name: "StoreTests",
            dependencies: [
                "DiskBackend", "Imaging", "Jobs", "MySQLBackend", "PostgreSQLBackend", "RedisBackend", "S3Backend",
                "SQLBackend", "SQLiteBackend", "StoreWriter", "TestServers", "Threads", .logging, .crypto, .nioCore,
                .nioPosix, .serviceLifecycle, .subprocess, .systemPackage,
            ]),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Codecs", "DiskBackend", "FetchBackend", "Imaging", "Jobs", "Rendering", "SQLBackend", "SQLiteBackend",
                "Server",
                .httpTypes,
                .logging, .metrics, .nioCore, .nioHTTP1, .nioPosix, .serviceLifecycle, .systemPackage,
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ]),
        .target(
            name: "TestServers", dependencies: ["Jobs", "TestProcess", .nioCore, .nioHTTP1, .nioPosix, .subprocess],
            path: "Tests/Support/TestServers"),
        .target(name: "TestProcess", path: "Tests/Support/TestProcess"),
        .target(name: "TestResolver", path: "Tests/Support/TestResolver"),
        .testTarget(
            name: "FetchTests",
            dependencies: ["FetchBackend", "HTTPClient", "Jobs", "TestResolver", "TestServers", .systemPackage]),
        .testTarget(name: "HTTPClientTests", dependencies: ["HTTPClient", "TestServers", .systemPackage]),
        .testTarget(
            name: "CloudWatchTests",
            dependencies: [
                "CloudWatchBackend", "Imaging", "Jobs", "SQLBackend", "SQLiteBackend", .logging, .metrics,
                .serviceLifecycle,
            ]),
        .testTarget(
            name: "ECSTests",
            dependencies: [
                "ECSBackend", "Jobs", "TestServers", .logging,
                .product(name: "InMemoryLogging", package: "swift-log"),
            ]),
        .testTarget(name: "OpenAITests", dependencies: ["Imaging", "Jobs", "OpenAIBackend", "TestServers"]),
        .testTarget(
            name: "S3Tests",
            dependencies: [
                "DiskBackend", "HTTPClient", "Jobs", "S3Backend", "TestServers", .logging, .subprocess, .systemPackage,
            ], exclude: ["Vectors"]),
        .testTarget(
            name: "QueueTests",
            dependencies: [
                "Jobs", "RabbitMQBackend", "RedisBackend", "SQLBackend", "SQLiteBackend", "TestServers", "Threads",
                .nioCore, .subprocess, .systemPackage, .product(name: "NIOEmbedded", package: "swift-nio"),
            ]),
        .testTarget(name: "RedisTests", dependencies: ["Jobs", "RedisBackend", "TestServers", .nioCore, .nioPosix]),
        .testTarget(name: "TintypeTests", dependencies: ["TestServers", "tintype"]),
        .target(
            name: "TestPictures", dependencies: ["CGIF", "CLibJPEG", "CLibPNG", "CLibTIFF", "CWebP", "Imaging"],
            path: "Tests/Support/TestPictures"),
        .testTarget(name: "CodecsTests", dependencies: ["CLCMS", "CZlib", "Codecs", "Imaging", "TestPictures"]),
        .testTarget(name: "ImagingTests", dependencies: ["Imaging"], swiftSettings: pixelSettings),
        .testTarget(
            name: "RenderingTests",
            dependencies: ["CLCMS", "Codecs", "Imaging", "Jobs", "Rendering", "TestPictures", .systemPackage]),
        .testTarget(
            name: "FuzzTests", dependencies: fuzzed, path: "Tests/Fuzz", exclude: ["CFuzzer", "Dictionaries", "Fuzz"]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = swiftSettings + (target.swiftSettings ?? [])
}

// The program of `scripts/fuzz.sh`, which alone sets the variable. It cannot be among the others: every target of ours has to
// count the branches that an input takes.
if Context.environment["TINTYPE_FUZZ"] != nil {
    let sanitized = SwiftSetting.unsafeFlags(["-sanitize=fuzzer,address", "-enable-testing"])
    let sanitizedC = CSetting.unsafeFlags(["-fsanitize=fuzzer-no-link,address"])
    package.targets.removeAll { $0.name == "FuzzTests" }
    package.targets += [
        .target(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
        .target(name: "Fuzzers", dependencies: fuzzed, path: "Tests/Fuzz/Fuzzers", swiftSettings: swiftSettings),
        .executableTarget(
            name: "Fuzz", dependencies: ["CFuzzer", "Fuzzers", .systemPackage], path: "Tests/Fuzz/Fuzz",
            swiftSettings: swiftSettings, linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])]),
    ]
    for target in package.targets where target.type != .system {
        target.swiftSettings = (target.swiftSettings ?? []) + [sanitized]
        target.cSettings = (target.cSettings ?? []) + [sanitizedC]
    }
}
