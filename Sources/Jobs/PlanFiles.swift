package import Imaging
import SystemPackage

/// The files that a plan names beside its source, by what it calls them: their ids, as they were spelled.
package typealias PlanFiles = [String: PlanFile]

package struct PlanFile: Sendable {
    /// The plan's parameter that names it.
    package let parameter: String
    package let file: StoredFile
}

/// Why a file that a plan names is not there.
package struct PlanFileError: Error, Hashable, Sendable {
    package enum Reason: Hashable, Sendable {
        /// No file has that id, or it was deleted.
        case unknown
        case expired
    }

    /// The plan's parameter that names it.
    package let parameter: String
    package let name: String
    package let reason: Reason

    package init(parameter: String, name: String, reason: Reason) {
        self.parameter = parameter
        self.name = name
        self.reason = reason
    }

    /// For people.
    package var message: String {
        let name = JSONValue.string(name).brief
        return switch reason {
        case .unknown: "\(parameter) is “\(name)”; no file has this id, or it was deleted"
        case .expired: "\(parameter) is “\(name)”; that file was kept for as long as it may be, and is gone"
        }
    }
}

extension PlanFileError: JobError {
    package var failure: JobFailure { JobFailure(code: "expired", message: message, isRetryable: false) }
}

extension JobStore {
    /// Finds the files that a plan names.
    ///
    /// - Throws: ``PlanFileError``, ``JobStoreError``.
    package func files(of plan: Plan) async throws -> PlanFiles {
        var files: PlanFiles = [:]
        for (parameter, name) in plan.files where files[name] == nil {
            func missing(_ reason: PlanFileError.Reason) -> PlanFileError {
                PlanFileError(parameter: parameter, name: name, reason: reason)
            }
            guard let id = FileID(name) else { throw missing(.unknown) }
            do {
                files[name] = PlanFile(parameter: parameter, file: try await file(id))
            } catch JobStoreError.unknown {
                throw missing(.unknown)
            } catch JobStoreError.expired {
                throw missing(.expired)
            }
        }
        return files
    }
}

extension ObjectStorage {
    /// Lends local files with the bytes of the files that a plan names, by what it calls them, as
    /// ``withLocalFile(_:_:)`` lends one.
    ///
    /// - Throws: ``PlanFileError`` where the bytes are not there, ``ObjectStorageError``, or what `body` throws.
    func withLocalFiles<R: Sendable>(
        _ files: PlanFiles, _ body: ([String: FilePath]) async throws -> R
    ) async throws -> R {
        guard let (name, wanted) = files.first else { return try await body([:]) }
        let rest = files.filter { $0.key != name }
        do {
            return try await withLocalFile(wanted.file.blob) { path in
                try await withLocalFiles(rest) { paths in try await body(paths.merging([name: path]) { $1 }) }
            }
        } catch ObjectStorageError.missing(let blob) where blob == wanted.file.blob {
            throw PlanFileError(parameter: wanted.parameter, name: name, reason: .expired)
        }
    }
}
