import HTTPClient
import Jobs
import SystemPackage
import Threads

/// One file on its way into the bucket. It is read while it is sent, so that its size is none of memory's business.
struct S3Upload: Sendable {
    let client: S3Client
    let threads: BlockingThreads
    let file: FilePath
    let key: String
    let byteCount: Int

    /// Larger files go in parts of so many bytes, some at once.
    static let partSize = 16 << 20
    private static let partsAtOnce = 3
    /// S3's own limit.
    private static let mostParts = 10_000

    /// - Throws: ``S3Failure``, and nobody then sees anything of the file.
    func run() async throws {
        if byteCount <= Self.partSize {
            _ = try await send(0..<byteCount, as: S3Call(.put, key))
        } else {
            try await sendParts()
        }
    }

    private func send(_ range: Range<Int>, as call: S3Call) async throws -> CurlResponse {
        var call = call
        call.body = .file(file, range)
        call.digest = try await digest(of: range)
        // The server puts the bytes away before it answers: at 4 MiB a second, say.
        call.allowance = .milliseconds(range.count * 1000 / (4 << 20))
        return try await client.send(call)
    }

    private func digest(of range: Range<Int>) async throws -> String {
        do {
            return try await threads.run { [file] in try FileDigest.sha256(of: file, range) }
        } catch let busy as TooManyWaiting {
            throw ObjectStorageError.unavailable(reason: busy.description)
        } catch let errno as Errno {
            throw ObjectStorageError.unavailable(reason: "\(errno)")
        }
    }

    // MARK: Parts

    private func sendParts() async throws {
        var begin = S3Call(.post, key)
        begin.query = ["uploads": ""]
        let answer = try await client.send(begin)
        guard let id = (try? XMLElement(answer.body))?["UploadId"], !id.isEmpty else {
            throw ObjectStorageError.unavailable(reason: "S3 began an upload without an id")
        }
        do {
            try await join(try await sendParts(of: id), of: id)
        } catch {
            var abort = S3Call(.delete, key)
            abort.query = ["uploadId": id]
            // Waited for here, but on its own: it is what a cancelled task still has to do.
            let aborting = Task { [client, abort] in try await client.send(abort) }
            _ = try? await aborting.value
            throw error
        }
    }

    /// - Returns: the parts' tags, in their order.
    private func sendParts(of id: String) async throws -> [String] {
        let size = max(Self.partSize, (byteCount + Self.mostParts - 1) / Self.mostParts)
        let starts = Array(stride(from: 0, to: byteCount, by: size))
        return try await withThrowingTaskGroup(of: (Int, String).self) { group in
            var tags = [String](repeating: "", count: starts.count)
            for (index, start) in starts.enumerated() {
                if index >= Self.partsAtOnce, let (done, tag) = try await group.next() { tags[done] = tag }
                group.addTask {
                    var call = S3Call(.put, key)
                    call.query = ["partNumber": String(index + 1), "uploadId": id]
                    let answer = try await send(start..<min(start + size, byteCount), as: call)
                    guard let tag = answer.fields["etag"] else {
                        throw ObjectStorageError.unavailable(reason: "S3 took a part without a tag")
                    }
                    return (index, tag)
                }
            }
            for try await (done, tag) in group { tags[done] = tag }
            return tags
        }
    }

    private func join(_ tags: [String], of id: String) async throws {
        let parts = tags.enumerated().map { index, tag in
            "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\(tag.escapedXML)</ETag></Part>"
        }
        let document = Array("<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>".utf8)
        var call = S3Call(.post, key)
        call.query = ["uploadId": id]
        call.fields = ["content-type": "application/xml"]
        call.body = .bytes(document)
        call.digest = FileDigest.sha256(of: document)
        // It may take minutes, says S3, during which it sends spaces.
        call.allowance = .seconds(60)
        call.leastSpeed = 0
        do {
            let answer = try await client.send(call)
            // S3 may begin a 200 before it knows how it ends.
            guard (try? XMLElement(answer.body))?.name == "CompleteMultipartUploadResult" else {
                throw S3Failure(notJoined: answer)
            }
        } catch let failure as S3Failure where failure.isNotFound {
            // The answer to an earlier try may have been lost.
            let found = try await client.send(S3Call(.head, key))
            guard found.fields["content-length"] == String(byteCount) else { throw failure }
        }
    }
}

extension String {
    var escapedXML: String {
        var text = ""
        for character in self {
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            default: text.append(character)
            }
        }
        return text
    }
}
