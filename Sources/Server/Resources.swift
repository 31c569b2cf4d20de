import Jobs
import Logging

extension HTTPServer {
    /// Every resource there is, by the role of the process: the list that a new one is added to.
    static func resources(
        settings: ServerSettings, intake: Intake, readiness: Readiness, metrics: PrometheusRegistry,
        logger: Logger
    ) -> [any Resource] {
        let health = Remembered(for: .seconds(1)) {
            await DeploymentHealth(of: intake, pingingRedis: settings.pingRedis, after: $0)
        }
        let watching: [any Resource] = [
            HealthResource(version: settings.version, startedAt: .now, readiness: readiness, health: health),
            MetricsResource(registry: metrics, startedAt: .now, health: health),
        ]
        if settings.role == .healthOnly { return watching }
        let links = Links(publicURL: settings.publicURL)
        let working: [any Resource] = [
            RootResource(settings: settings),
            PageResource.ui,
            PageResource.monitor,
            UploadResource(
                intake: intake, links: links,
                limits: UploadLimits(
                    fileSize: settings.maxFileSize, batchRows: settings.maxBatchRows,
                    formFields: Set(["transformations"] + SubmissionTerms.memberNames))),
            ProcessResource(intake: intake, links: links),
            PreviewResource(intake: intake),
            DescriptionResource(intake: intake, links: links, maxFileSize: settings.maxFileSize),
            ImageJobResource(intake: intake, links: links),
            StatusResource(intake: intake),
            BatchResource(intake: intake),
            DownloadResource(intake: intake),
            FileResource(intake: intake),
            JobResource(intake: intake),
            WebhookResource(secrets: settings.webhookSecrets),
            DeadLetterResource(intake: intake),
            SessionResource(gate: OperatorGate(settings: settings), links: links, logger: logger),
            OverviewResource(intake: intake, version: settings.version, health: health),
            WorkerResource(store: intake.store),
            SettingsResource(settings: settings.shown),
        ]
        return watching + working + [DocumentResource(describing: watching + working, settings: settings)]
    }
}
