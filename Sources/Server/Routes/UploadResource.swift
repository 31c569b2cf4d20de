import HTTPTypes
import Jobs

/// `POST /upload`: one picture or several, each in a part named `file`.
struct UploadResource: Resource {
    let intake: Intake
    /// Of one part, in bytes.
    let maxFileSize: Int

    var routes: [Route] {
        [Route(.post, "/upload") { [self] in try await upload($0) }]
    }

    private func upload(_ request: IncomingRequest) async throws -> Answer {
        var uploads: [ArrivingFile] = []
        do {
            try await receive(request, into: &uploads)
            let files = try await accept(uploads)
            return Answer(.created, json: files.count == 1 ? files[0].json : ["files": .array(files.map(\.json))])
        } catch {
            await remove(uploads)
            throw error
        }
    }

    /// Reads the whole request before anything is accepted: it is taken whole or not at all.
    private func receive(_ request: IncomingRequest, into uploads: inout [ArrivingFile]) async throws {
        let type = MediaType(request.fields[.contentType] ?? "")
        guard type.essence == "multipart/form-data" else {
            throw Problem(
                .unsupportedMediaType,
                "an upload is multipart/form-data with a part named file, not "
                    + (type.essence.isEmpty ? "of no type" : brief(type.essence)))
        }
        try refuseHopeless(request)
        var reader = try MultipartReader(type: type, body: request.body)
        while true {
            switch try await reader.next() {
            case .partBegan(let header):
                guard header.name == "file" else {
                    throw Problem(
                        .unknownParameter, "there is no field \(brief(header.name)); files go in parts named file",
                        parameter: header.name)
                }
                let name = DisplayName.make(from: header.fileName)
                // What the name alone rules out need not be read.
                _ = try intake.declaredFormat(of: name)
                uploads.append(ArrivingFile(name: name, limit: maxFileSize, scratch: intake.scratch))
            case .bytes(let bytes):
                try await uploads[uploads.count - 1].receive(bytes)
            case .partEnded:
                try await uploads[uploads.count - 1].finish()
            case .ended:
                if uploads.isEmpty {
                    throw Problem(.missingFile, "there is no part named file", parameter: "file")
                }
                return
            }
        }
    }

    /// A length that no allowed files can add up to need not be read either.
    private func refuseHopeless(_ request: IncomingRequest) throws(Problem) {
        guard let length = request.fields[.contentLength].flatMap({ Int($0) }) else { return }
        let (files, overflow) = maxFileSize.multipliedReportingOverflow(by: MultipartParser.maximumParts)
        guard !overflow else { return }
        if length - files > MultipartParser.maximumParts * 2 * MultipartParser.maximumHeader {
            throw .fileTooLarge(limit: maxFileSize)
        }
    }

    private func accept(_ uploads: [ArrivingFile]) async throws -> [StoredFile] {
        var files: [StoredFile] = []
        do {
            for upload in uploads {
                files.append(try await intake.accept(upload.received, named: upload.name))
            }
        } catch {
            // The answer will not name them, so nobody could ever ask for them; what cannot be deleted now expires.
            for file in files { try? await intake.delete(file.id) }
            throw error
        }
        return files
    }

    private func remove(_ uploads: [ArrivingFile]) async {
        for upload in uploads { await upload.remove() }
    }
}

extension Problem {
    static func fileTooLarge(limit: Int) -> Problem {
        Problem(.fileTooLarge, "a file may have \(limit) bytes", parameter: "file")
    }
}
