import Imaging
package import Jobs

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension RedisJobStore {
    package func begin(_ batch: Batch, key: IdempotencyKey?) async throws -> (batch: Batch, isRepeated: Bool) {
        var reply = try await run(
            .beginBatch, RedisArgument(batch.id), .text(batch.publicURL), .integer(batch.total),
            RedisArgument(batch.createdAt), RedisArgument(batch.retention), .text(batch.webhookURL ?? ""),
            .text(key?.key ?? ""),
            .text(key?.fingerprint ?? ""))
        let isRepeated = try reply.next().asInt() == 1
        return (try Batch(reply.next().asFields()), isRepeated)
    }

    package func add(_ images: [BatchImage], at position: Int, to batch: BatchID) async throws -> [ReadyJob] {
        var reply = try await run(
            .addImages, [RedisArgument(batch), .integer(position)] + images.flatMap { try $0.words() })
        return try reply.next().asReadyJobs()
    }

    package func batch(_ id: BatchID) async throws -> Batch {
        var reply = try await run(.batch, RedisArgument(id))
        return try Batch(reply.next().asFields())
    }

    package func batches(after cursor: BatchID?, limit: Int) async throws -> [Batch] {
        var reply = try await run(.batches, newestFirst(after: cursor), .integer(limit))
        return try reply.next().asList().map { try Batch($0.asFields()) }
    }

    package func images(of batch: BatchID, from position: Int, limit: Int) async throws -> [BatchImage] {
        var reply = try await run(
            .images, RedisArgument(batch), .integer(position), .integer(position + limit - 1))
        let list = try reply.next().asList()
        return try stride(from: 0, to: list.count - 1, by: 2).map { index in
            let job = try list[index + 1].asList()
            return BatchImage(
                entry: try BatchEntry(text: list[index].asText()),
                job: job.isEmpty ? nil : try Job(list[index + 1].asFields()))
        }
    }
}

extension Batch {
    init(_ fields: Fields) throws {
        self.init(
            id: try fields["id"].asID(), publicURL: try fields["url"].asText(), total: try fields["total"].asInt(),
            createdAt: try fields["at"].asTimestamp(), retention: .milliseconds(try fields["keep"].asInt()),
            webhookURL: try fields.find("hook")?.asText())
        done = try fields["done"].asInt()
        failed = try fields["failed"].asInt()
        finishedAt = try fields.find("ended")?.asTimestamp()
    }
}

extension BatchImage {
    fileprivate func words() throws -> [RedisArgument] {
        guard let job else { return [.text(entry.text), "", "", "", "", "", ""] }
        return [
            .text(entry.text), RedisArgument(job.id), .text(job.taskText), .text(job.cacheKey.description),
            .text(job.publicURL), RedisArgument(job.createdAt), RedisArgument(job.line),
        ]
    }
}

extension BatchEntry {
    /// What a batch's list holds: the CSV's words, and why they cannot be used.
    fileprivate var text: String {
        let failure: [JSONValue] = failure.map { [.string($0.code), .string($0.message)] } ?? []
        return JSONValue.array(
            [.number(Double(line)), .string(serialNumber), .string(productName), .string(url)] + failure
        ).text
    }

    fileprivate init(text: String) throws {
        guard case .array(let values) = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)),
            values.count >= 4, case .number(let line) = values[0]
        else { throw UnreadableReply(found: text) }
        let words = values.dropFirst().map { if case .string(let word) = $0 { word } else { "" } }
        self.init(
            line: Int(line), serialNumber: words[0], productName: words[1], url: words[2],
            failure: words.count < 5 ? nil : JobFailure(code: words[3], message: words[4], isRetryable: false))
    }
}
