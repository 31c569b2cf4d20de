import CloudWatchBackend
import FetchBackend
import Imaging
import Jobs
import OpenAIBackend
import Rendering
import Server

/// The settings of each part, from the variables.
extension Configuration {
    /// The engine under the limits; what must be held whole is counted for all its threads together.
    var renderer: Renderer {
        Renderer(
            limits: limits, budget: MemoryBudget(byteCount: memoryBudget))
    }

    private var memoryBudget: Int { self[Settings.memoryBudget] ?? System.memoryLimit / 2 }

    private var limits: Limits {
        var limits = Limits()
        if let pixels = self[Settings.maxPixels] {
            limits.maxPixels = pixels
            limits.maxShrinkingPixels = pixels
        }
        if let count = self[Settings.maxFrames] { limits.maxFrames = count }
        if let pixels = self[Settings.maxAnimationPixels] { limits.maxAnimationPixels = pixels }
        if let pixels = self[Settings.maxOutputPixels] { limits.maxOutputPixels = pixels }
        if let side = self[Settings.maxOutputSide] { limits.maxOutputSide = side }
        return limits
    }

    /// The variables that ``renderer`` comes from, for a child that develops by them.
    var limitVariables: [String: String] {
        let names: [any AnySetting] = [
            Settings.maxPixels, Settings.maxFrames, Settings.maxAnimationPixels, Settings.maxOutputPixels,
            Settings.maxOutputSide, Settings.memoryBudget, Settings.jobTimeout, Settings.chaosCrashRate,
            Settings.chaosPoison,
        ]
        return names.reduce(into: [:]) { variables, setting in
            variables[setting.name] = text(of: setting)?.text
        }
    }

    /// The same for a child that makes previews, with a quarter of the memory: what it takes, the jobs beside it do not have.
    var previewVariables: [String: String] {
        limitVariables.merging([Settings.memoryBudget.name: "\(max(memoryBudget / 4, 16 << 20))"]) { $1 }
    }

    /// What befalls the work on purpose; `nil` where nothing is to.
    var chaos: Chaos? {
        let chaos = Chaos(
            failureRate: self[Settings.chaosFailureRate] ?? 0, crashRate: self[Settings.chaosCrashRate] ?? 0,
            poison: self[Settings.chaosPoison])
        return chaos.failureRate > 0 || chaos.crashRate > 0 || chaos.poison != nil ? chaos : nil
    }

    var slots: Int { self[Settings.workers] ?? System.coreCount }

    var lease: Duration { get throws { .seconds(try value(of: Settings.lease)) } }
    var retention: Duration { get throws { .seconds(try value(of: Settings.retention) * 3600) } }
    var retryPolicy: RetryPolicy { get throws { RetryPolicy(maxAttempts: try value(of: Settings.jobMaxAttempts)) } }

    var intakePolicy: IntakePolicy {
        get throws {
            IntakePolicy(
                allowedExtensions: try value(of: Settings.allowedExtensions), retention: try retention,
                maxOutputPixels: limits.maxOutputPixels, maxOutputSide: limits.maxOutputSide,
                describer: try openAI?.identity ?? "measured",
                tellsOperator: self[Settings.webhookURL] != nil)
        }
    }

    var addressGuard: AddressGuard {
        get throws {
            AddressGuard(
                allowedPorts: try value(of: Settings.fetchPorts), allowedNetworks: self[Settings.fetchNetworks] ?? [])
        }
    }

    var webhookSender: GuardedSender {
        get throws {
            try GuardedSender(
                addressGuard, trusted: self[Settings.webhookURL], secrets: self[Settings.webhookSecrets] ?? [])
        }
    }

    /// `nil` where pictures are not described by a model.
    var openAI: OpenAISettings? {
        get throws {
            guard let key = self[Settings.openAIKey] else { return nil }
            var settings = OpenAISettings(key: key)
            settings.address = try value(of: Settings.openAIBaseURL)
            settings.model = try value(of: Settings.openAIModel)
            settings.prompt = try value(of: Settings.openAIPrompt)
            settings.tokenLimit = try value(of: Settings.openAITokens)
            settings.timeout = .seconds(try value(of: Settings.openAITimeout))
            return settings
        }
    }

    var workLimits: Workbench.Limits {
        get throws {
            Workbench.Limits(
                timeout: .seconds(try value(of: Settings.jobTimeout)), maxFileSize: try value(of: Settings.maxFileSize),
                allowedFormats: Set(try value(of: Settings.allowedExtensions).compactMap { ImageFormat(name: $0) }))
        }
    }

    var reconcilerSettings: ReconcilerSettings {
        get throws {
            var settings = ReconcilerSettings(
                lease: try lease, maxCrashes: try retryPolicy.maxCrashes, retention: try retention)
            settings.orphanAge = .seconds(try value(of: Settings.orphanAge))
            return settings
        }
    }

    var metricOrigin: MetricOrigin {
        get throws {
            MetricOrigin(
                service: try value(of: Settings.serviceName), environment: try value(of: Settings.environmentName))
        }
    }

    /// Where ECS lets its tasks ask for protection; `nil` elsewhere.
    var taskAgent: String? {
        let name = "ECS_AGENT_URI"
        return variables(named: [name])[name]
    }

    func processorSettings(of worker: WorkerID) throws -> ProcessorSettings {
        ProcessorSettings(
            worker: worker, host: System.hostName, version: Tintype.version, slots: slots,
            lease: try lease, retryPolicy: try retryPolicy,
            retention: try retention, shutdownGrace: .seconds(try value(of: Settings.shutdownGrace)))
    }

    /// - Parameter fileLimit: how many files the process may have open.
    func serverSettings(for role: Role, fileLimit: Int) throws -> ServerSettings {
        var settings = ServerSettings(
            host: try value(of: Settings.host), port: try value(of: Settings.port),
            maxFileSize: try value(of: Settings.maxFileSize), publicURL: self[Settings.publicURL],
            adminToken: self[Settings.adminToken], version: Tintype.version)
        settings.maxBatchRows = try value(of: Settings.maxBatchRows)
        settings.webhookSecrets = self[Settings.webhookSecrets] ?? []
        settings.role = role.acceptsWork ? .everything : .healthOnly
        // What is left is for pictures, databases and other servers.
        settings.limits.connections = min(settings.limits.connections, fileLimit - min(512, fileLimit / 2))
        settings.shown = inForce.map {
            ShownSetting(name: $0.name, value: $0.value ?? "", origin: $0.origin.rawValue, meaning: $0.summary)
        }
        return settings
    }

    /// - Throws: ``ConfigurationError`` where settings do not go together, or the role cannot work on what is set up.
    func check(_ role: Role) throws {
        let (delay, grace) = (try value(of: Settings.drainDelay), try value(of: Settings.shutdownGrace))
        guard delay <= grace else {
            throw ConfigurationError.invalid(
                name: Settings.drainDelay.name, given: "\(delay)",
                allowed: "at most SHUTDOWN_GRACE_SECONDS, which is \(grace)")
        }
        guard role != .serve, try !value(of: Settings.allowLocal) else { return }
        let isStoreLocal = self[Settings.databaseURL].map { $0.hasPrefix("sqlite") } ?? (self[Settings.redisURL] == nil)
        let isStorageLocal = self[Settings.storageURL] == nil
        guard isStoreLocal || isStorageLocal else { return }
        let missing = [isStoreLocal ? "DATABASE_URL or REDIS_URL" : nil, isStorageLocal ? "STORAGE_URL" : nil]
        throw ConfigurationError.unusable(
            reason:
                "\(role.rawValue) needs a store and a storage that other hosts can see: set "
                + missing.compactMap(\.self).joined(separator: " and ")
                + ", run serve, or set ALLOW_LOCAL=1 where all processes share this disk")
    }
}
