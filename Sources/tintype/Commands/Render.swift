import ArgumentParser
import Codecs
import Imaging
import Jobs
import NIOPosix
import Rendering
import SystemPackage
import UnixSignals

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The engine on local files, without a server.
struct Render: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Develops local files: tintype render IN... OUT --plan resize:800x600,grayscale",
        discussion: """
            OUT is a file, or a folder where there are several inputs or it ends in a slash. The result's format is \
            --format's, the plan's, OUT's by its extension, or the source's, in this order.

            Exit codes: 0 all done, 64 the command line or the plan, 65 a picture that cannot be developed, 74 a file \
            that cannot be read or written.
            """)

    @Argument(help: "Source files, and last where the result goes.")
    var paths: [String]

    @Option(help: "Steps such as resize:800x600,grayscale, or a plan in JSON.")
    var plan = ""

    @Option(name: .customLong("file"), help: "NAME=PATH: a file that the plan names, as watermark:NAME does.")
    var files: [String] = []

    @Option(help: "jpeg, png, gif, bmp, tiff or webp.")
    var format: String?

    @Option(help: "1 to 100, for JPEG and WebP.")
    var quality: Int?

    @Option(help: "Pictures developed at once; as many as there are cores.")
    var threads: Int?

    @Option(help: "Develops one picture so often, writes the last result, and prints how long each took, as JSON.")
    var times: Int?

    @Flag(help: .hidden)
    var report = false

    func validate() throws {
        guard paths.count >= 2 else { throw ValidationError("give at least one source and where the result goes") }
        if let threads, threads < 1 { throw ValidationError("--threads must be 1 or more") }
        if let times, times < 1 || paths.count != 2 { throw ValidationError("--times takes 1 or more, and one source") }
    }

    func run() async throws {
        let configuration = try await Exit.onConfigurationError {
            try await Configuration.load(from: report ? nil : ".env")
        }
        let renderer = configuration.renderer
        let plan = try parsedPlan()
        let files = try files(of: plan)
        let work: LocalWork
        do {
            work = try LocalWork(
                sources: paths.dropLast().map { FilePath($0) }, destination: paths.last ?? "", planFiles: files)
        } catch let failure as LocalWork.Failure {
            Exit.say(failure.message)
            throw ExitCode(failure.exitCode)
        }
        if report {
            try reportOne(
                work, renderer, plan, configuration.chaos, timeout: configuration.value(of: Settings.jobTimeout))
        } else if let times {
            try await time(work, renderer, plan, rounds: times)
        } else {
            try await renderAll(work, renderer, plan)
        }
    }

    /// The plan of the command line, before OUT's extension is asked.
    private func parsedPlan() throws -> Plan {
        do {
            var members: [String: JSONValue] = [:]
            if plan.hasPrefix("{") {
                members = try JSONDecoder().decode([String: JSONValue].self, from: Data(plan.utf8))
            } else {
                members["transformations"] = .array(plan.split(separator: ",").map { .string(String($0)) })
            }
            if let format { members["format"] = .string(format) }
            if let quality { members["quality"] = .number(Double(quality)) }
            return try PlanRequest(members, stepLimit: .max).plan()
        } catch let error as PlanError {
            throw ValidationError(error.message)
        } catch is DecodingError {
            throw ValidationError("--plan is no JSON object")
        }
    }

    /// Where the files are that the plan names, by what it calls them.
    private func files(of plan: Plan) throws -> [String: FilePath] {
        var paths: [String: FilePath] = [:]
        for file in files {
            let parts = file.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { throw ValidationError("--file is \(file); it takes NAME=PATH") }
            paths[String(parts[0])] = FilePath(String(parts[1]))
        }
        for (parameter, name) in plan.files where paths[name] == nil {
            throw ValidationError("\(parameter) is \(name): say which that is with --file \(name)=PATH")
        }
        return paths
    }

    // MARK: Running

    private func renderAll(_ work: LocalWork, _ renderer: Renderer, _ plan: Plan) async throws {
        let pool = NIOThreadPool(numberOfThreads: min(threads ?? System.coreCount, work.items.count))
        pool.start()
        let bar = ProgressBar(total: work.items.count)
        let unfinished = UnfinishedFiles()
        let signals = [UnixSignal.sigint, .sigterm, .sighup].filter { !Exit.ignores($0) }
        // Ends with the process, or with this function.
        let interruption = Task {
            for await signal in await UnixSignalsSequence(trapping: signals) {
                unfinished.removeAll { Exit.by(signal) }
            }
        }
        defer { interruption.cancel() }
        let exitCode = await withTaskGroup(of: Int32.self) { group in
            for item in work.items {
                group.addTask {
                    do {
                        try await pool.runIfActive { try item.render(renderer, plan, unfinished) }
                        bar.advance()
                        return 0
                    } catch {
                        let failure = LocalWork.Failure(error)
                        bar.interrupt { Exit.say("\(item.source): \(failure.message)") }
                        return failure.exitCode
                    }
                }
            }
            return await group.reduce(0, max)
        }
        bar.finish()
        try await pool.shutdownGracefully()
        if exitCode != 0 { throw ExitCode(exitCode) }
    }

    private func time(_ work: LocalWork, _ renderer: Renderer, _ plan: Plan, rounds: Int) async throws {
        guard let item = work.items.first else { return }
        do {
            let plan = try item.planned(plan)
            let timing = RenderTiming(
                renderer: renderer, source: item.source, plan: plan, planFiles: item.planFiles, rounds: rounds,
                threads: threads ?? 1)
            let (report, result) = try await timing.measure()
            try item.write(result)
            print(String(decoding: try JSONEncoder().encode(report), as: UTF8.self))
        } catch {
            let failure = LocalWork.Failure(error)
            Exit.say("\(item.source): \(failure.message)")
            throw ExitCode(failure.exitCode)
        }
    }

    /// As the child of a worker: one picture.
    ///
    /// - Parameter timeout: in seconds.
    private func reportOne(_ work: LocalWork, _ renderer: Renderer, _ plan: Plan, _ chaos: Chaos?, timeout: Int) throws
    {
        guard let item = work.items.first else { return }
        try ChildReport.printing(within: timeout) {
            chaos?.maybeCrash(over: item.source)
            return RenderReport(
                try PictureError.translating {
                    try renderer.render(
                        item.source, by: plan, with: item.planFiles, to: item.destination
                    ) { _ in }
                })
        }
    }
}
