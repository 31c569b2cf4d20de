// Works on a store until it is killed, and says what it was answered: `done <id>` or `queued <id>`, a line each.
import Crypto
import FoundationEssentials
import Imaging
import Jobs
import SQLBackend
import SQLiteBackend
import SystemPackage

let store = try await SQLJobStore(try await SQLiteDatabase(path: CommandLine.arguments[1]))
let worker = WorkerID()
let id = FileID()
let digest = ContentDigest(SHA256.hash(data: Data(id.description.utf8)))
let file = try await store.insert(
    StoredFile(
        id: id, name: "a.png", format: .png, size: Size(width: 1, height: 1), byteCount: 1, sha256: digest,
        blob: .original(id), createdAt: .now, expiresAt: .now + .seconds(86400)))

@Sendable func say(_ word: String, _ job: JobID) throws {
    _ = try FileDescriptor.standardOutput.writeAll("\(word) \(job)\n".utf8)
}

try await withThrowingTaskGroup { group in
    for _ in 0..<8 {
        group.addTask {
            while true {
                let plan = try Plan(steps: [])
                let job = Job(
                    id: JobID(), file: file, plan: plan, cacheKey: CacheKey(stored: "\(JobID())"), publicURL: "",
                    createdAt: .now)
                _ = try await store.submit(job, key: nil)
                try say("queued", job.id)
                for job in try await store.claim(.next(1, preferring: .normal), by: worker, lease: .seconds(30)) {
                    let result = JobResult(
                        blob: .result(job.id, fence: job.fence, fileExtension: "png"),
                        content: .picture(.png, Size(width: 1, height: 1)), byteCount: 1)
                    _ = try await store.finish(
                        Claim(job: job.id, worker: worker, fence: job.fence), with: result,
                        tries: nil, expiresAt: .now + .seconds(86400))
                    try say("done", job.id)
                }
            }
        }
    }
    try await group.waitForAll()
}
