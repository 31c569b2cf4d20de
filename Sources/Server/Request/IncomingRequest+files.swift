import HTTPTypes
import Jobs
import NIOCore

/// What a multipart request brought, read whole.
struct Upload: Sendable {
    /// One at least, where there is no sheet.
    var files: [ArrivingFile] = []
    var sheet: ArrivingSheet?
    /// What stands beside the files.
    var form = Fields()
}

extension IncomingRequest {
    /// Lends the files of a multipart body, each in a part named `file`. The whole request is read before that: it is taken
    /// whole or not at all.
    ///
    /// - Parameter limits: of one part.
    /// - Throws: a ``Problem``, or what `body` throws.
    func withUpload<R>(
        for intake: Intake, _ limits: UploadLimits, _ body: (Upload) async throws -> R
    ) async throws -> R {
        var upload = Upload()
        do {
            try await receive(&upload, for: intake, limits)
            return try await body(upload)
        } catch {
            for file in upload.files { await file.remove() }
            throw error
        }
    }

    private func receive(_ upload: inout Upload, for intake: Intake, _ limits: UploadLimits) async throws {
        let type = MediaType(fields[.contentType] ?? "")
        guard type.essence == "multipart/form-data" else {
            throw Problem(
                .unsupportedMediaType,
                "an upload is multipart/form-data with a part named file, not "
                    + (type.essence.isEmpty ? "of no type" : brief(type.essence)))
        }
        try refuseHopeless(limits.fileSize)
        var reader = try MultipartReader(type: type, body: body)
        var current = UploadPart.file
        var value = ByteBuffer()
        while true {
            switch try await reader.next() {
            case .partBegan(let header):
                current = try begin(header, &upload, for: intake, limits)
            case .bytes(let bytes):
                switch current {
                case .file: try await upload.files[upload.files.count - 1].receive(bytes)
                case .sheet: try upload.sheet?.receive(bytes)
                case .field:
                    guard value.readableBytes + bytes.readableBytes <= Self.maximumBody else {
                        throw Problem(.bodyTooLarge, "a field may have \(Self.maximumBody) bytes")
                    }
                    value.writeImmutableBuffer(bytes)
                }
            case .partEnded:
                switch current {
                case .file: try await upload.files[upload.files.count - 1].finish()
                case .sheet: try upload.sheet?.finish()
                case .field(let name):
                    guard let text = String(validating: value.readableBytesView, as: UTF8.self) else {
                        throw Problem(.malformedRequest, "\(name) is no UTF-8", parameter: name)
                    }
                    upload.form.items.append((name, text))
                    value.clear()
                }
            case .ended:
                return try check(upload, limits)
            }
        }
    }

    private func begin(
        _ header: PartHeader, _ upload: inout Upload, for intake: Intake, _ limits: UploadLimits
    ) throws -> UploadPart {
        if header.fileName == nil, limits.formFields.contains(header.name) {
            return .field(header.name)
        }
        guard header.name == "file" else {
            throw Problem(
                .unknownParameter, "there is no field \(brief(header.name)); files go in parts named file",
                parameter: header.name)
        }
        let name = DisplayName.make(from: header.fileName)
        if let rows = limits.batchRows, header.contentType == "text/csv" || name.lowercased().hasSuffix(".csv") {
            guard upload.sheet == nil else {
                throw Problem(.tooManyParts, "one CSV is a batch; send each in a request of its own", parameter: "file")
            }
            upload.sheet = ArrivingSheet(limit: limits.fileSize, maxRows: rows, check: intake.failure(ofURL:))
            return .sheet
        }
        // What the name alone rules out need not be read.
        _ = try intake.declaredFormat(of: name)
        upload.files.append(ArrivingFile(name: name, limit: limits.fileSize, scratch: intake.scratch))
        return .file
    }

    private func check(_ upload: Upload, _ limits: UploadLimits) throws(Problem) {
        switch (upload.files.isEmpty, upload.sheet) {
        case (true, nil): throw Problem(.missingFile, "there is no part named file", parameter: "file")
        case (false, .some):
            throw Problem(
                .tooManyParts, "there are pictures and a CSV; send them in requests of their own", parameter: "file")
        case (false, nil):
            guard limits.batchRows != nil, let field = upload.form.items.first else { return }
            throw Problem(
                .unknownParameter, "pictures take no field \(brief(field.name)); it goes with a plan for /process",
                parameter: field.name)
        case (true, .some): break
        }
    }

    /// A length that no allowed files can add up to need not be read either.
    private func refuseHopeless(_ maxFileSize: Int) throws(Problem) {
        guard let length = fields[.contentLength].flatMap({ Int($0) }) else { return }
        let (files, overflow) = maxFileSize.multipliedReportingOverflow(by: MultipartParser.maximumParts)
        guard !overflow else { return }
        if length - files > MultipartParser.maximumParts * 2 * MultipartParser.maximumHeader {
            throw .fileTooLarge(limit: maxFileSize)
        }
    }
}

struct UploadLimits: Sendable {
    /// In bytes.
    var fileSize: Int
    /// Of a CSV; `nil` where none is taken.
    var batchRows: Int?
    /// What a form may hold beside the files: beside a CSV alone, where that is taken.
    var formFields: Set<String>
}

/// What the part is that is being read.
private enum UploadPart {
    case file, sheet
    case field(String)
}
