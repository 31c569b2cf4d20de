package import Imaging
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a job does with its source.
package enum JobTask: Sendable {
    /// Applies a plan to the picture.
    case develop(Plan)
    /// Says in words what is to be seen.
    case describe
    /// Tells a receiver that a job or a batch has ended; the source is its URL.
    case deliver(Delivery)

    package var kind: JobKind {
        switch self {
        case .develop: .process
        case .describe: .describe
        case .deliver: .webhook
        }
    }
}

/// What clients call the tasks.
package enum JobKind: String, Sendable, Hashable, CaseIterable {
    case process, describe, webhook
}

/// What a job works on.
package enum JobSource: Sendable, Hashable {
    /// An upload, and its bytes.
    case file(FileID, BlobKey)
    /// What a URL names at the time of the work.
    case url(String)

    package var file: FileID? {
        switch self {
        case .file(let id, _): id
        case .url: nil
        }
    }

    /// The bytes, where they are kept.
    package var blob: BlobKey? {
        switch self {
        case .file(_, let blob): blob
        case .url: nil
        }
    }

    package var url: String? {
        switch self {
        case .file: nil
        case .url(let url): url
        }
    }
}

// MARK: - As text

extension Job {
    /// What is to be done, and the URL where it is with one, as stores keep it: the plan's own JSON for a file that is
    /// developed, so that jobs which share a plan share this text.
    package var taskText: String {
        switch (task, source) {
        case (.develop(let plan), .file): plan.json.text
        case (.develop(let plan), .url(let url)): JSONValue.object(["url": .string(url), "plan": plan.json]).text
        case (.describe, .file): JSONValue.object(["describe": true]).text
        case (.describe, .url(let url)): JSONValue.object(["url": .string(url), "describe": true]).text
        case (.deliver(let delivery), let source):
            JSONValue.object(["url": .string(source.url ?? ""), "deliver": delivery.json]).text
        }
    }
}

/// Reads ``Job/taskText``. Jobs come in crowds that share a plan, and parsing takes as long as the rest of a claim, so the
/// last few texts stay at hand.
package final class TaskTexts: Sendable {
    package static let shared = TaskTexts()

    private let known = Mutex<[String: Content]>([:])
    private static let capacity = 256

    package struct Content: Sendable {
        package let task: JobTask
        package let url: String?
    }

    package func content(_ text: String) throws -> Content {
        if let content = known.withLock({ $0[text] }) { return content }
        let content = try Content(try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)))
        // No two have the same URL.
        if content.url != nil { return content }
        known.withLock { known in
            if known.count >= Self.capacity { known.removeAll(keepingCapacity: true) }
            known[text] = content
        }
        return content
    }
}

extension TaskTexts.Content {
    fileprivate init(_ json: JSONValue) throws {
        guard case .object(let members) = json, members["url"] != nil || members["describe"] != nil else {
            self.init(task: .develop(try Plan(json: json)), url: nil)
            return
        }
        let url: String? = if case .string(let url) = members["url"] { url } else { nil }
        if let plan = members["plan"] {
            self.init(task: .develop(try Plan(json: plan)), url: url)
        } else if members["describe"] != nil {
            self.init(task: .describe, url: url)
        } else if let delivery = members["deliver"].flatMap(Delivery.init) {
            self.init(task: .deliver(delivery), url: url)
        } else {
            throw UnreadableTask()
        }
    }
}

/// A task of a kind that this version does not know.
struct UnreadableTask: Error {}
