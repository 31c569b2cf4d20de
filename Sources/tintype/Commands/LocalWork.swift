import Codecs
import Imaging
import Jobs
import Rendering
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Which local files become which.
struct LocalWork: Sendable {
    let items: [Item]

    /// - Parameters:
    ///   - destination: a file for one source; a folder, made where it is not there, for several or where it ends in a
    ///     slash.
    ///   - planFiles: those that the plan names, by what it calls them.
    init(sources: [FilePath], destination text: String, planFiles: [String: FilePath]) throws {
        let destination = FilePath(text)
        let isFolder = sources.count > 1 || text.hasSuffix("/") || Self.kind(of: destination) == S_IFDIR
        if isFolder {
            _ = unsafe mkdir(destination.string, 0o777)
            guard Self.kind(of: destination) == S_IFDIR else {
                throw Failure(message: "\(destination) is no folder", exitCode: Failure.fileTrouble)
            }
        }
        items = sources.map {
            Item(source: $0, destination: destination, isInFolder: isFolder, planFiles: planFiles)
        }
        if let name = Dictionary(grouping: items, by: \.stem).first(where: { $1.count > 1 })?.key, isFolder {
            throw Failure(message: "several sources would become \(destination)/\(name)", exitCode: Failure.usage)
        }
    }

    /// One of the system's, `S_IFDIR` for a folder; `nil` where there is nothing.
    private static func kind(of path: FilePath) -> mode_t? {
        var status = stat()
        return unsafe stat(path.string, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    struct Item: Sendable {
        let source: FilePath
        let destination: FilePath
        /// Whether `destination` is the folder that the result goes into, under the source's name.
        let isInFolder: Bool
        let planFiles: [String: FilePath]

        /// Develops the source. The result appears whole or not at all, but in what is no file: a pipe, a device.
        func render(_ renderer: Renderer, _ plan: Plan, _ unfinishedFiles: UnfinishedFiles) throws {
            try PictureError.translating {
                let plan = try planned(plan)
                if !isInFolder, let kind = LocalWork.kind(of: destination), kind != S_IFREG {
                    _ = try renderer.render(source, by: plan, with: planFiles, to: destination) { _ in }
                    return
                }
                // A link stays, and leads to the result.
                let target = Self.resolved(destination)
                let unfinished = FilePath("\(target.string)\(isInFolder ? "/\(stem)" : "").\(getpid()).part")
                try unfinishedFiles.making(unfinished) {
                    let picture = try renderer.render(source, by: plan, with: planFiles, to: unfinished) { _ in }
                    let final = isInFolder ? target.appending("\(stem).\(picture.format.fileExtension)") : target
                    guard unsafe rename(unfinished.string, final.string) == 0 else {
                        throw FileError(path: final.string, code: errno)
                    }
                }
            }
        }

        /// Where a path leads; the path itself where nothing is there yet.
        private static func resolved(_ path: FilePath) -> FilePath {
            guard let found = unsafe realpath(path.string, nil) else { return path }
            defer { unsafe free(found) }
            return FilePath(unsafe String(cString: found))
        }

        /// Writes a result that was made in memory, where the destination is a file.
        func write(_ result: [UInt8]) throws {
            let sink = FileByteSink(path: destination.string)
            try sink.write(result.span)
            try sink.close()
        }

        fileprivate var stem: String { source.stem ?? source.string }

        /// The plan, which takes its format from the result's name where it says none itself.
        func planned(_ plan: Plan) throws -> Plan {
            guard !isInFolder, plan.output.format == nil,
                let format = destination.extension.flatMap({ ImageFormat(name: $0) })
            else { return plan }
            return try plan.writing(format)
        }
    }

    /// Why one file was not developed.
    struct Failure: Error {
        let message: String
        let exitCode: Int32

        /// `EX_USAGE`, `EX_DATAERR` and `EX_IOERR` of sysexits.h.
        static let usage: Int32 = 64
        static let badPicture: Int32 = 65
        static let fileTrouble: Int32 = 74

        init(message: String, exitCode: Int32) {
            self.message = message
            self.exitCode = exitCode
        }

        init(_ error: any Error) {
            switch error {
            case let error as PictureError:
                let failure = JobFailure(error)
                self.init(
                    message: failure.message, exitCode: failure.isRetryable ? Self.fileTrouble : Self.badPicture)
            case let error as Failure:
                self = error
            default:
                self.init(message: "\(error)", exitCode: Self.fileTrouble)
            }
        }
    }
}

extension Plan {
    /// The same plan, with a format for its result.
    fileprivate func writing(_ format: ImageFormat) throws(PlanError) -> Plan {
        guard case .object(var members) = json, case .object(var output)? = members["output"] else { return self }
        output["format"] = .string(format.rawValue)
        members["output"] = .object(output)
        return try Plan(json: .object(members))
    }
}
