import Jobs

/// The truth about files and jobs in a SQL database, whichever it is: statements that all of them understand.
package struct SQLJobStore: JobStore {
    let database: any SQLDatabase
    let submissions: Gathering<NewJob, TakenJob>
    let completions: Gathering<Completion, [JobID]>

    /// Brings the database's tables up to date first.
    /// - Throws: ``SchemaTooNew``, or what the database throws.
    package init(_ database: any SQLDatabase) async throws {
        self.database = database
        submissions = Self.submissions(to: database)
        completions = Self.completions(in: database)
        try await patiently { try await database.exclusively { try Schema.migrate($0) } }
    }

    package var kind: String { database.kind }

    package func ping() async throws {
        _ = try await database.read { try $0.query("SELECT 1") }
    }
}

extension SQLConnection {
    /// Why a file or job is not there.
    func absence(of id: any SQLStorable) throws -> JobStoreError {
        try query("SELECT 1 FROM expired WHERE id = ?", id).isEmpty ? .unknown : .expired
    }
}

/// Many processes may begin at once, and the database turn some away.
private func patiently(_ step: () async throws -> Void) async throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while true {
        do {
            return try await step()
        } catch JobStoreError.unavailable where ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
