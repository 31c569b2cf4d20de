/// The tables, version by version.
///
/// Times are milliseconds since 1970 in UTC, ids the 36 characters of a UUID. Columns that are NULL in most rows (a lease, a
/// follower's leader) are so that their index holds only the few rows that a statement looks for.
enum Schema {
    /// Each version's statements, after those of the versions before it. What was released is never edited: add one.
    static func versions(_ dialect: SQLDialect) -> [[String]] { [first(dialect), second(dialect)] }

    /// What plans ask of pictures; and what operators see and say: jobs' tries, workers that drain, a pause, and what was done in the last hours.
    private static func second(_ dialect: SQLDialect) -> [String] {
        [
            "ALTER TABLE jobs ADD COLUMN tries \(dialect.longText)",
            "ALTER TABLE jobs ADD COLUMN result_facts \(dialect.longText)",
            "ALTER TABLE results ADD COLUMN facts \(dialect.longText)",
            "ALTER TABLE workers ADD COLUMN is_draining SMALLINT NOT NULL DEFAULT 0",
            // One row while workers are to take no pictures.
            "CREATE TABLE pauses (id SMALLINT NOT NULL PRIMARY KEY CHECK (id = 1))\(dialect.tableOptions)",
            // Amounts that all processes add up: see `HistorySlot`.
            """
            CREATE TABLE history (
                slot_at BIGINT NOT NULL,
                name VARCHAR(32)\(dialect.bytewise) NOT NULL,
                amount BIGINT NOT NULL,
                PRIMARY KEY (slot_at, name)
            )\(dialect.tableOptions)
            """,
        ]
    }

    private static func first(_ dialect: SQLDialect) -> [String] {
        func table(_ name: String, _ columns: String) -> String {
            "CREATE TABLE \(name) (\n\(columns)\n)\(dialect.tableOptions)"
        }
        func index(_ name: String, _ columns: String, whereSet column: String? = nil) -> String {
            let table = name.prefix { $0 != "_" }
            let part = column.map { dialect.hasPartialIndexes ? " WHERE \($0) IS NOT NULL" : "" } ?? ""
            return "CREATE INDEX \(name) ON \(table) (\(columns))\(part)"
        }
        let id = "VARCHAR(36)\(dialect.bytewise)"
        let key = "VARCHAR(200)\(dialect.bytewise)"
        let digest = "VARCHAR(64)\(dialect.bytewise)"
        return [
            // A kept blob; it goes to `doomed_blobs` in the step that takes its last reference. Results have no digest: they
            // are found by their cache key.
            table(
                "blobs",
                """
                blob_key \(key) NOT NULL PRIMARY KEY,
                sha256 \(digest) UNIQUE,
                refs BIGINT NOT NULL CHECK (refs >= 0)
                """),
            table("doomed_blobs", "blob_key \(key) NOT NULL PRIMARY KEY"),
            table(
                "files",
                """
                id \(id) NOT NULL PRIMARY KEY,
                name \(dialect.longText) NOT NULL,
                format VARCHAR(8) NOT NULL,
                width INTEGER NOT NULL CHECK (width > 0),
                height INTEGER NOT NULL CHECK (height > 0),
                byte_count BIGINT NOT NULL CHECK (byte_count >= 0),
                sha256 \(digest) NOT NULL,
                blob_key \(key) NOT NULL,
                is_duplicate SMALLINT NOT NULL CHECK (is_duplicate IN (0, 1)),
                created_at BIGINT NOT NULL,
                expires_at BIGINT NOT NULL,
                FOREIGN KEY (blob_key) REFERENCES blobs (blob_key)
                """),
            index("files_blob", "blob_key"),
            index("files_expiry", "expires_at"),
            // `done` and `failed` are counted in the step that ends an image's job.
            table(
                "batches",
                """
                id \(id) NOT NULL PRIMARY KEY,
                public_url \(dialect.longText) NOT NULL,
                total INTEGER NOT NULL CHECK (total > 0),
                done INTEGER NOT NULL CHECK (done >= 0),
                failed INTEGER NOT NULL CHECK (failed >= 0),
                created_at BIGINT NOT NULL,
                retention_milliseconds BIGINT NOT NULL,
                finished_at BIGINT,
                expires_at BIGINT NOT NULL,
                webhook_url \(dialect.longText),
                webhook_owed SMALLINT,
                CHECK (done + failed <= total),
                CHECK ((finished_at IS NOT NULL) = (done + failed = total))
                """),
            index("batches_expiry", "expires_at"),
            index("batches_webhooks", "webhook_owed, finished_at", whereSet: "webhook_owed"),
            // What a CSV said, and the job that came of it; that may be gone before its batch, so it is no foreign key.
            """
            CREATE TABLE batch_images (
                batch_id \(id) NOT NULL,
                position INTEGER NOT NULL,
                line INTEGER NOT NULL,
                serial_number \(dialect.longText) NOT NULL,
                product_name \(dialect.longText) NOT NULL,
                url \(dialect.longText) NOT NULL,
                failure_code VARCHAR(64),
                failure_message \(dialect.longText),
                job_id \(id),
                PRIMARY KEY (batch_id, position),
                FOREIGN KEY (batch_id) REFERENCES batches (id) ON DELETE CASCADE,
                CHECK ((job_id IS NULL) = (failure_code IS NOT NULL))
            )\(dialect.tableOptions)
            """,
            // A job may outlive its file, and its source the file too, so neither is a foreign key. The blobs that a job
            // keeps are counted in `blobs.refs`. A job with a URL for its source has neither; the URL stands in `task`.
            //
            // `priority` is the line that it waits in: 0 to 2 for pictures, 3 for deliveries. `webhook_owed` is 1 from the start
            // until the delivery has been recorded.
            //
            // `ready_at` is set while the job may be claimed, from then on. `lead_key` is the cache key of the one
            // unfinished job that works for it; `leader_id` is that job, in those that wait for the same result.
            table(
                "jobs",
                """
                id \(id) NOT NULL PRIMARY KEY,
                file_id \(id),
                source_key \(key),
                task \(dialect.longText) NOT NULL,
                cache_key \(digest) NOT NULL,
                public_url \(dialect.longText) NOT NULL,
                priority SMALLINT NOT NULL CHECK (priority BETWEEN 0 AND 3),
                created_at BIGINT NOT NULL,
                state VARCHAR(10) NOT NULL CHECK (state IN ('queued', 'processing', 'done', 'failed', 'canceled')),
                progress DOUBLE PRECISION NOT NULL CHECK (progress BETWEEN 0 AND 1),
                attempts INTEGER NOT NULL CHECK (attempts >= 0),
                crashes INTEGER NOT NULL CHECK (crashes >= 0),
                fence INTEGER NOT NULL CHECK (fence >= 0),
                ready_at BIGINT,
                lead_key \(digest) UNIQUE,
                leader_id \(id),
                worker_id \(id),
                lease_until BIGINT,
                started_at BIGINT,
                finished_at BIGINT,
                failure_code VARCHAR(64),
                failure_message \(dialect.longText),
                failure_is_retryable SMALLINT,
                result_key \(key),
                result_format VARCHAR(8),
                result_width INTEGER,
                result_height INTEGER,
                result_byte_count BIGINT,
                is_cached SMALLINT NOT NULL CHECK (is_cached IN (0, 1)),
                expires_at BIGINT,
                batch_id \(id),
                webhook_url \(dialect.longText),
                kind VARCHAR(8)\(dialect.bytewise) NOT NULL,
                webhook_owed SMALLINT,
                FOREIGN KEY (leader_id) REFERENCES jobs (id),
                CHECK ((file_id IS NOT NULL) = (source_key IS NOT NULL)),
                CHECK ((ready_at IS NOT NULL) = (state = 'queued' AND leader_id IS NULL)),
                CHECK ((lead_key IS NOT NULL) = (state IN ('queued', 'processing') AND leader_id IS NULL)),
                CHECK (leader_id IS NULL OR state = 'queued'),
                CHECK ((lease_until IS NOT NULL) = (state = 'processing')),
                CHECK ((worker_id IS NOT NULL) = (state = 'processing')),
                CHECK ((finished_at IS NOT NULL) = (state IN ('done', 'failed', 'canceled'))),
                CHECK ((expires_at IS NOT NULL) = (state IN ('done', 'failed', 'canceled'))),
                CHECK ((result_key IS NOT NULL) = (state = 'done' AND priority < 3)),
                CHECK (failure_code IS NOT NULL OR state <> 'failed')
                """),
            index("jobs_ready", "priority, ready_at, id", whereSet: "ready_at"),
            index("jobs_leases", "lease_until", whereSet: "lease_until"),
            index("jobs_followers", "leader_id, id", whereSet: "leader_id"),
            index("jobs_file", "file_id, id"),
            index("jobs_state", "state, kind, id"),
            index("jobs_batch", "batch_id, id", whereSet: "batch_id"),
            index("jobs_webhooks", "webhook_owed, finished_at", whereSet: "webhook_owed"),
            index("jobs_finished", "finished_at, state", whereSet: "finished_at"),
            index("jobs_expiry", "expires_at", whereSet: "expires_at"),
            table(
                "results",
                """
                cache_key \(digest) NOT NULL PRIMARY KEY,
                blob_key \(key) NOT NULL,
                format VARCHAR(8) NOT NULL,
                width INTEGER,
                height INTEGER,
                byte_count BIGINT NOT NULL,
                expires_at BIGINT NOT NULL,
                FOREIGN KEY (blob_key) REFERENCES blobs (blob_key)
                """),
            index("results_blob", "blob_key"),
            index("results_expiry", "expires_at"),
            table(
                "idempotency_keys",
                """
                idempotency_key VARCHAR(255)\(dialect.bytewise) NOT NULL PRIMARY KEY,
                fingerprint VARCHAR(128) NOT NULL,
                made_job_id \(id),
                made_batch_id \(id),
                FOREIGN KEY (made_job_id) REFERENCES jobs (id) ON DELETE CASCADE,
                FOREIGN KEY (made_batch_id) REFERENCES batches (id) ON DELETE CASCADE,
                CHECK ((made_job_id IS NULL) <> (made_batch_id IS NULL))
                """),
            "CREATE INDEX idempotency_keys_job ON idempotency_keys (made_job_id)",
            "CREATE INDEX idempotency_keys_batch ON idempotency_keys (made_batch_id)",
            // What is left of an expired file, job or batch: enough to say so.
            table("expired", "id \(id) NOT NULL PRIMARY KEY, expired_at BIGINT NOT NULL"),
            index("expired_age", "expired_at"),
            table(
                "workers",
                """
                id \(id) NOT NULL PRIMARY KEY,
                host \(dialect.longText) NOT NULL,
                slots INTEGER NOT NULL,
                busy INTEGER NOT NULL,
                version \(dialect.longText) NOT NULL,
                seen_at BIGINT NOT NULL
                """),
        ]
    }
}

extension Schema {
    /// Brings a database to the newest version. Nobody else runs the step beside it; whoever comes second finds it done.
    static func migrate(_ connection: any SQLConnection) throws {
        let dialect = connection.dialect
        try connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL PRIMARY KEY)\(dialect.tableOptions)")
        var columns = Columns(try connection.query("SELECT COALESCE(MAX(version), 0) FROM schema_version")[0])
        let found = try columns.next(Int.self)
        let versions = versions(dialect)
        guard found <= versions.count else { throw SchemaTooNew(found: found, known: versions.count) }
        for (index, statements) in versions.enumerated().dropFirst(found) {
            for statement in statements { try connection.execute(statement) }
            try connection.execute("INSERT INTO schema_version (version) VALUES (?)", index + 1)
        }
    }
}

/// The database was written by a later version of this program, which an older one could only harm.
package struct SchemaTooNew: Error, Hashable, CustomStringConvertible {
    package let found: Int
    package let known: Int

    package var description: String {
        "the database has schema version \(found); this program knows versions up to \(known)"
    }
}
