/// Which published messages still wait for the server's word, by batches.
///
/// A server numbers the messages of a channel from 1, and confirms them in any order, alone or all up to one
/// (rabbitmq.com/docs/confirms). One that no queue took is returned first, and then confirmed as well.
struct Confirms<Waiter> {
    /// A batch on which the last word is spoken.
    struct Settled {
        let waiter: Waiter
        /// Whether the server took on every message, returned ones included.
        let isTaken: Bool
        /// Queues that were missing while the batch was under way. Returns bear no number: each counts for all batches.
        let missing: Set<String>
    }

    private struct Batch {
        let waiter: Waiter
        var waiting: Int
        var isTaken = true
        var missing: Set<String> = []
    }

    private var batches: [Int: Batch] = [:]
    private var lastBatch = 0
    /// Which batch a message belongs to.
    private var owners: [UInt64: Int] = [:]
    private var lastTag: UInt64 = 0
    /// All messages before this one are settled.
    private var firstOpen: UInt64 = 1

    /// How many messages wait.
    var count: Int { owners.count }

    /// Notes that the next `count` messages are published together.
    mutating func expect(_ count: Int, for waiter: Waiter) {
        lastBatch += 1
        batches[lastBatch] = Batch(waiter: waiter, waiting: count)
        for _ in 0..<count {
            lastTag += 1
            owners[lastTag] = lastBatch
        }
    }

    mutating func noteMissing(_ queue: String) {
        for number in batches.keys { batches[number]?.missing.insert(queue) }
    }

    /// Notes the server's word on one message, or on all up to it.
    /// - Returns: the batches that are settled by it.
    mutating func settle(_ tag: UInt64, isMultiple: Bool, isTaken: Bool) -> [Settled] {
        guard tag >= firstOpen, tag <= lastTag else { return [] }
        let settled = (isMultiple ? firstOpen : tag)...tag
        defer { while firstOpen <= lastTag, owners[firstOpen] == nil { firstOpen += 1 } }
        return settled.compactMap { settle($0, isTaken: isTaken) }
    }

    private mutating func settle(_ tag: UInt64, isTaken: Bool) -> Settled? {
        guard let number = owners.removeValue(forKey: tag), var batch = batches[number] else { return nil }
        batch.waiting -= 1
        batch.isTaken = batch.isTaken && isTaken
        batches[number] = batch.waiting > 0 ? batch : nil
        guard batch.waiting == 0 else { return nil }
        return Settled(waiter: batch.waiter, isTaken: batch.isTaken, missing: batch.missing)
    }

    /// Gives up on all: the connection is lost, and its numbers with it.
    /// - Returns: who waits.
    mutating func removeAll() -> [Waiter] {
        defer {
            batches = [:]
            owners = [:]
            firstOpen = lastTag + 1
        }
        return batches.values.map(\.waiter)
    }
}
