import Imaging
package import Jobs

extension RedisJobStore {
    package func insert(_ file: StoredFile) async throws -> StoredFile {
        var reply = try await run(
            .insertFile, RedisArgument(file.id), RedisArgument(file.blob), .text(file.sha256.description),
            .text(file.name), .text(file.format.rawValue), .integer(file.size.width), .integer(file.size.height),
            .integer(file.byteCount), RedisArgument(file.createdAt), RedisArgument(file.expiresAt))
        return try StoredFile(reply.next().asFields())
    }

    package func file(_ id: FileID) async throws -> StoredFile {
        var reply = try await run(.file, RedisArgument(id))
        return try StoredFile(reply.next().asFields())
    }

    package func files(after cursor: FileID?, limit: Int) async throws -> [StoredFile] {
        var reply = try await run(.files, newestFirst(after: cursor), .integer(limit))
        return try reply.next().asList().map { try StoredFile($0.asFields()) }
    }

    package func deleteFile(_ id: FileID) async throws -> (canceled: [JobID], heirs: [ReadyJob]) {
        var reply = try await run(.deleteFile, RedisArgument(id))
        return (try reply.next().asIDs(), try reply.next().asReadyJobs())
    }
}

/// Where a list begins whose ids fall, as `ZREVRANGEBYLEX` takes it.
func newestFirst(after cursor: (any Identifier)?) -> RedisArgument {
    cursor.map { "(\($0)" } ?? "+"
}

extension StoredFile {
    /// Reads what the scripts answer of a file; ``Lua/files`` names the fields.
    fileprivate init(_ fields: Fields) throws {
        self.init(
            id: try fields["id"].asID(), name: try fields["name"].asText(), format: try fields["format"].asFormat(),
            size: Size(width: try fields["width"].asInt(), height: try fields["height"].asInt()),
            byteCount: try fields["size"].asInt(), sha256: ContentDigest(hexadecimal: try fields["sha"].asText()),
            blob: try fields["blob"].asBlob(), isDuplicate: fields.find("dup") != nil,
            createdAt: try fields["at"].asTimestamp(), expiresAt: try fields["expires"].asTimestamp())
    }
}
