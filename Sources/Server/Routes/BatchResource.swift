import HTTPTypes
import Jobs
import NIOCore
import Synchronization

/// `GET /batches/{id}.csv`: a batch's rows with what became of them.
struct BatchResource: Resource {
    let intake: Intake

    var routes: [Route] {
        [
            Route(.get, "/batches", .listBatches, for: .operators) { [self] in try await list($0) },
            Route(.get, "/batches/{id}.csv", .batchReport) { [self] in try await report($0) },
        ]
    }

    private func list(_ request: IncomingRequest) async throws -> Answer {
        let page = try Page(request.query)
        let batches = try await intake.store.batches(after: page.start { BatchID($0) }, limit: page.limit + 1)
        let shown = batches.prefix(page.limit)
        return Answer(json: [
            "batches": .array(shown.map(\.summary)),
            "next_cursor": batches.count > page.limit ? JSON(shown.last?.id) : .null,
        ])
    }

    private func report(_ request: IncomingRequest) async throws -> Answer {
        let batch = try await intake.store.batch(request.identifier())
        let report = BatchReport(of: batch, in: intake.store)
        return Answer(
            .ok,
            fields: [
                .contentType: "text/csv; charset=utf-8; header=present", .cacheControl: "no-store",
                .contentDisposition: "attachment; filename=\"batch-\(batch.id).csv\"",
                .xContentTypeOptions: "nosniff",
            ],
            body: .pieces { try await report.next() })
    }
}

/// Writes a batch's CSV page by page.
private final class BatchReport: Sendable {
    private let batch: Batch
    private let store: any JobStore
    private let position = Mutex<Int?>(nil)

    private static let pageSize = 500

    init(of batch: Batch, in store: any JobStore) {
        self.batch = batch
        self.store = store
    }

    func next() async throws -> ByteBuffer? {
        var bytes: [UInt8] = []
        guard let start = position.withLock({ $0 }) else {
            CSVWriter.write(BatchReportRow.columns, to: &bytes)
            position.withLock { $0 = 0 }
            return ByteBuffer(bytes: bytes)
        }
        let images = try await store.images(of: batch.id, from: start, limit: Self.pageSize)
        if images.isEmpty {
            // Its time was over meanwhile: what has been sent must not pass for the whole.
            if start < batch.total { throw JobStoreError.expired }
            return nil
        }
        for image in images {
            CSVWriter.write(
                BatchReportRow(
                    serialNumber: image.entry.serialNumber, productName: image.entry.productName,
                    inputURL: image.entry.url, outputURL: image.output(batch.publicURL) ?? "", status: image.status,
                    error: image.error ?? ""
                ).cells, to: &bytes)
        }
        position.withLock { $0 = start + images.count }
        return ByteBuffer(bytes: bytes)
    }
}
