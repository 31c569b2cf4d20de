import CloudWatchBackend
import FetchBackend
import Imaging
import Jobs
import Logging
import OpenAIBackend

/// Every setting there is. The table is the one source of what `tintype config` shows, of the README's table, and of what
/// a start checks.
enum Settings {
    static let all: [any AnySetting] = [
        host, port, publicURL, adminToken, dataFolder, uploadFolder, processedFolder, syncWrites,
        databaseURL, databaseConnections, redisURL, rabbitMQURL, storageURL, endpoint, publicEndpoint, authorityFile,
        allowLocal,
        maxFileSize, allowedExtensions, maxPixels, maxFrames, maxAnimationPixels, maxOutputPixels, maxOutputSide,
        memoryBudget, maxBatchRows,
        fetchPorts, fetchNetworks,
        webhookURL, webhookSecrets,
        openAIKey, openAIBaseURL, openAIModel, openAIPrompt, openAITokens, openAITimeout,
        workers, jobTimeout, jobMaxAttempts, lease, retention, orphanAge, shutdownGrace, drainDelay,
        logLevel, logFormat,
        metricsEMF, serviceName, environmentName,
        chaosFailureRate, chaosCrashRate, chaosPoison,
    ]

    // MARK: Network

    static let host = Setting.text(
        "HOST", default: "127.0.0.1", allowed: "an address or host name", "Address to listen on.")
    static let port = Setting.integer(
        "PORT", default: 8000, in: 0...65535, "Port to listen on; 0 takes any that is free, and prints it.")
    static let publicURL = Setting(
        "PUBLIC_URL", allowed: "an http or https URL without a path",
        "Scheme and host of absolute URLs in answers; the request's own where it is not set."
    ) { text -> String? in
        guard let url = try? SourceURL(text), url.description == url.origin + "/", !text.contains("#") else {
            return nil
        }
        return url.origin
    }
    static let adminToken = Setting(
        "ADMIN_TOKEN", allowed: "a text without blanks", isSecret: true,
        "Bearer token for the operator's routes; without it they answer only on loopback."
    ) { text in text.contains(where: \.isWhitespace) ? nil : text }

    // MARK: Where things are kept

    static let dataFolder = Setting.text(
        "DATA_DIR", default: "./data", allowed: "a folder", "Where everything is kept.")
    static let uploadFolder = Setting.text(
        "UPLOAD_DIR", allowed: "a folder", "Originals; DATA_DIR/uploads where it is not set.")
    static let processedFolder = Setting.text(
        "PROCESSED_DIR", allowed: "a folder", "Results; DATA_DIR/processed where it is not set.")
    static let syncWrites = Setting.flag(
        "SYNC_WRITES", "Waits for the disk before it answers, so that a power cut loses nothing either.")
    static let databaseURL = Setting(
        "DATABASE_URL", allowed: "an address such as " + StoreKind.all.map(\.example).joined(separator: ", "),
        isSecret: true,
        "Where jobs are recorded: SQLite, PostgreSQL or MySQL; where it is not set Redis, else SQLite in DATA_DIR."
    ) { StoreKind.of($0) == nil ? nil : $0 }
    static let databaseConnections = Setting.integer(
        "DATABASE_CONNECTIONS", default: 8, in: 1...1000,
        "Connections of this process to PostgreSQL or MySQL at most, beside one for hints or for making the tables.")
    static let redisURL = address(
        "REDIS_URL", schemes: ["redis", "rediss"], example: "rediss://user:password@host:6379",
        "Redis, one node or a cluster: rings, hints between processes and dead letters; without DATABASE_URL the jobs too."
    )
    static let rabbitMQURL = address(
        "RABBITMQ_URL", schemes: ["amqp", "amqps"], example: "amqps://user:password@host:5671/vhost",
        "RabbitMQ, which then rings in the place of Redis or the database.")
    static let storageURL = address(
        "STORAGE_URL", schemes: ["s3"], example: "s3://bucket/prefix", isSecret: false,
        "Where originals and results are kept, under a prefix for this job store alone; the disk where it is not set.")
    static let endpoint = address(
        "AWS_ENDPOINT_URL_S3", schemes: ["http", "https"], example: "http://minio:9000", isSecret: false,
        "An S3 server that is not AWS's. Region and keys: see AWS_REGION below.")
    static let publicEndpoint = address(
        "S3_PUBLIC_ENDPOINT_URL", schemes: ["http", "https"], example: "https://pictures.example.com", isSecret: false,
        "How browsers reach that server: presigned URLs are signed for this host.")
    /// Some of those that AWS's own tools read; the README says which.
    static let awsNames = [
        "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "S3_PUBLIC_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION",
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_PROFILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CA_BUNDLE",
        "HOME",
    ]
    static let authorityFile = Setting.text(
        "TLS_CA_FILE", allowed: "a file of PEM certificates",
        "Authorities that rediss:// and amqps:// trust in the place of the system's.")
    static let allowLocal = Setting.flag(
        "ALLOW_LOCAL", "Lets api and worker run on a store that other hosts cannot see.")

    // MARK: Limits

    static let maxFileSize = Setting.integer(
        "MAX_FILE_SIZE", default: 10_485_760, in: 1...(1 << 40), "Largest upload, in bytes a file.")
    static let allowedExtensions = Setting(
        "ALLOWED_EXTENSIONS", default: "jpg,jpeg,png,gif,bmp,tif,tiff,webp",
        allowed: "extensions of the formats \(ImageFormat.allCases.map(\.rawValue).joined(separator: ", ")), "
            + "separated by commas",
        "Kinds of files that are accepted."
    ) { text -> [String]? in
        let names = text.lowercased().split(separator: ",").map { $0.trimmingPrefix(".").filter { !$0.isWhitespace } }
        return names.isEmpty || names.contains { ImageFormat(name: $0) == nil } ? nil : names
    }
    static let maxPixels = Setting.integer(
        "MAX_PIXELS", default: nil, in: 1...2_000_000_000,
        "Largest source, in pixels; 100000000 where it is not set, 220000000 for a JPEG that is scaled while it loads.")
    static let maxFrames = Setting.integer(
        "MAX_FRAMES", default: 256, in: 1...100_000, "Frames of an animation at most, where its result is one.")
    static let maxAnimationPixels = Setting.integer(
        "MAX_ANIMATION_PIXELS", default: 200_000_000, in: 1...20_000_000_000,
        "All its frames together, as they come and as they go, in pixels.")
    static let maxOutputPixels = Setting.integer(
        "MAX_OUTPUT_PIXELS", default: 100_000_000, in: 1...2_000_000_000, "Largest result, in pixels.")
    static let maxOutputSide = Setting.integer(
        "MAX_OUTPUT_SIDE", default: 16383, in: 1...65535, "Longest side of a result, in pixels.")
    static let memoryBudget = Setting.integer(
        "MEMORY_BUDGET", default: nil, in: (16 << 20)...(1 << 40),
        "Bytes for pictures that must be held whole; half of the memory limit where it is not set.")

    static let maxBatchRows = Setting.integer(
        "MAX_BATCH_ROWS", default: 10_000, in: 1...1_000_000,
        "Rows of a CSV at most; they may name ten times as many images.")

    // MARK: What users name

    static let fetchPorts = Setting(
        "FETCH_ALLOWED_PORTS", default: "80,443", allowed: "ports, separated by commas",
        "Ports that URLs of users may lead to."
    ) { text -> Set<UInt16>? in
        let ports = text.split(separator: ",", omittingEmptySubsequences: false).map { word in
            UInt16(word.filter { $0 != " " }).flatMap { $0 == 0 ? nil : $0 }
        }
        return ports.contains(nil) ? nil : Set(ports.compactMap(\.self))
    }
    static let fetchNetworks = Setting(
        "FETCH_ALLOW_NETWORKS", allowed: "networks such as 10.20.0.0/16,fd12::/64, separated by commas",
        "Networks that URLs of users may lead to though they are not public; never a cloud's metadata."
    ) { text -> [Network]? in
        let networks = text.split(separator: ",", omittingEmptySubsequences: false).map { word in
            try? Network(word.filter { $0 != " " })
        }
        return networks.contains(nil) ? nil : networks.compactMap(\.self)
    }

    // MARK: Webhooks

    static let webhookURL = Setting(
        "WEBHOOK_URL", allowed: "an http or https URL", isSecret: true,
        "Who is told of each job and batch that ends and names nobody itself; it may be at a private address."
    ) { try? SourceURL($0) }
    static let webhookSecrets = Setting(
        "WEBHOOK_SECRET", allowed: "'whsec_' and the base64 of 24 to 64 bytes, or two such with a blank between them",
        isSecret: true,
        "Signs webhooks, and checks those that come to /webhook/; while a secret is exchanged, the new one and the old one."
    ) { text -> [WebhookSecret]? in
        let words = text.split { $0 == " " || $0 == "," }
        let secrets = words.compactMap { try? WebhookSecret(String($0)) }
        return secrets.count == words.count && (1...2).contains(secrets.count) ? secrets : nil
    }

    // MARK: Descriptions

    static let openAIKey = Setting.text(
        "OPENAI_API_KEY", isSecret: true,
        "Has pictures described by a vision model; where it is not set, descriptions say what can be measured.")
    static let openAIBaseURL = Setting(
        "OPENAI_BASE_URL", default: "https://api.openai.com/v1", allowed: "an http or https URL",
        "A service with OpenAI's chat completions: OpenAI itself, vLLM, Ollama, LiteLLM, a gateway."
    ) { OpenAIAddress($0) }
    static let openAIModel = Setting.text("OPENAI_VISION_MODEL", default: "gpt-4o-mini", "Which model describes.")
    static let openAIPrompt = Setting.text(
        "OPENAI_VISION_PROMPT", default: OpenAISettings.prompt, "What the model is asked about a picture.")
    static let openAITokens = Setting.integer(
        "OPENAI_MAX_TOKENS", default: 300, in: 1...100_000, "The most that it may write.")
    static let openAITimeout = Setting.integer(
        "OPENAI_TIMEOUT_SECONDS", default: 60, in: 1...600, "How long one answer of it may take.")

    // MARK: Work

    static let workers = Setting.integer(
        "WORKERS", default: nil, in: 1...1024, "Pictures developed at once; the number of cores where it is not set.")
    static let jobTimeout = Setting.integer(
        "JOB_TIMEOUT_SECONDS", default: 60, in: 1...86400, "How long one picture may take.")
    static let jobMaxAttempts = Setting.integer(
        "JOB_MAX_ATTEMPTS", default: 5, in: 1...100, "Tries of a job that fails with an error worth another.")
    static let lease = Setting.integer(
        "LEASE_SECONDS", default: 30, in: 1...3600, "How long the job of a worker that died stays its own.")
    static let retention = Setting.integer(
        "RETENTION_HOURS", default: 168, in: 1...87600, "How long files and results are kept.")
    static let orphanAge = Setting.integer(
        "ORPHAN_AGE_SECONDS", default: 3600, in: 1...86400,
        "Bytes that a dead process left behind are deleted when they are so old.")
    static let shutdownGrace = Setting.integer(
        "SHUTDOWN_GRACE_SECONDS", default: 25, in: 0...3600,
        "How long the process may take to end after SIGTERM; what still runs shortly before is handed back.")

    static let drainDelay = Setting.integer(
        "DRAIN_DELAY_SECONDS", default: 0, in: 0...3600,
        "How long of that requests are still answered, for load balancers that notice late.")

    // MARK: Logs

    static let logLevel = Setting<Logger.Level>.choice("LOG_LEVEL", default: .info, "How much is logged.")
    static let logFormat = Setting<LogFormat>.choice(
        "LOG_FORMAT", default: .text, "Lines for people, or one JSON object a line.")

    // MARK: Metrics

    static let metricsEMF = Setting.flag(
        "METRICS_EMF", "Prints metrics for CloudWatch on standard output (Embedded Metric Format).")
    static let serviceName = dimension("SERVICE_NAME", default: "tintype", "The dimension Service of those metrics.")
    static let environmentName = dimension(
        "ENVIRONMENT_NAME", default: "production", "The dimension Environment of those metrics.")

    // MARK: Misfortune on purpose

    static let chaosFailureRate = Setting<Double>.rate(
        "CHAOS_FAILURE_RATE", "Part of the tries that fail on purpose: for trying a deployment, never in production.")
    static let chaosCrashRate = Setting<Double>.rate(
        "CHAOS_CRASH_RATE", "Part of the tries that kill their process on purpose.")
    static let chaosPoison = Setting.text(
        "CHAOS_POISON", "Sources that hold this text kill every process that works on them.")

    /// An address of one of these schemes, which may hold a password.
    private static func address(
        _ name: String, schemes: [String], example: String, isSecret: Bool = true, _ summary: String
    ) -> Setting<String> {
        Setting(name, allowed: "an address such as \(example)", isSecret: isSecret, summary) { text in
            let isAddress = schemes.contains { text.hasPrefix("\($0)://") && text.count > $0.count + 3 }
            return isAddress && !text.contains(where: \.isWhitespace) ? text : nil
        }
    }

    /// What CloudWatch takes as a dimension's value.
    private static func dimension(_ name: String, default value: String, _ summary: String) -> Setting<String> {
        Setting(
            name, default: value, allowed: "1 to 255 printable ASCII characters, not all of them blanks", summary
        ) { MetricOrigin.accepts($0) ? $0 : nil }
    }
}
