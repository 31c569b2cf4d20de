import FoundationEssentials
import Jobs
import SQLBackend
import SQLiteBackend
import Subprocess
import SystemPackage
import Testing

@Suite struct `A SQLite store whose process is killed` {
    /// Rounds in which a writer is killed, each over the file that the last one left.
    private static let rounds = 5
    /// Lines it may say before.
    private static let lines = 120

    @Test func `keeps all that it answered`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("store.db").string
            var queued: Set<JobID> = []
            var done: Set<JobID> = []
            for _ in 0..<Self.rounds {
                for line in try await wordsOfKilledWriter(on: path) {
                    let words = line.split(separator: " ")
                    let job = try #require(words.last.flatMap { JobID($0) })
                    if words.first == "done" { done.insert(job) } else { queued.insert(job) }
                }
                let database = try await SQLiteDatabase(path: path)
                let store = try await SQLJobStore(database)
                for job in queued { _ = try await store.job(job) }
                for job in done { #expect(try await store.job(job).state == .done) }
                try await expectCountsToAddUp(in: database)
                let verdict = try await database.read { try $0.query("PRAGMA integrity_check", with: []) }
                #expect(verdict == [SQLRow([.text("ok")])])
            }
            #expect(done.count > Self.rounds)
        }
    }

    /// Starts a writer, reads what it says, kills it in the middle, and returns the whole lines.
    private func wordsOfKilledWriter(on path: String) async throws -> [Substring] {
        let executable = try #require(FilePath("/proc/self/exe").resolved).removingLastComponent().appending(
            "StoreWriter")
        let outcome = try await Subprocess.run(
            .path(executable), arguments: [path], input: .none, output: .sequence, error: .discarded
        ) { process in
            var text: [UInt8] = []
            var isKilled = false
            for try await chunk in process.standardOutput {
                unsafe chunk.withUnsafeBytes { unsafe text.append(contentsOf: $0) }
                if !isKilled, text.count(where: { $0 == UInt8(ascii: "\n") }) > Self.lines {
                    try process.send(signal: .kill)
                    isKilled = true
                }
            }
            return text
        }
        #expect(outcome.terminationStatus == .signaled(9))
        return String(decoding: outcome.closureResult, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: true)
    }
}

extension FilePath {
    /// Where a symbolic link leads.
    fileprivate var resolved: FilePath? {
        guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: string) else { return nil }
        return FilePath(path)
    }
}
