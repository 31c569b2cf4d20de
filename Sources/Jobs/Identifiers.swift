#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif
import Synchronization

/// A UUIDv7 (RFC 9562, section 5.7): its order is the order of creation, so a primary key is also an index by time.
package protocol Identifier: Hashable, Sendable, Codable, CustomStringConvertible, Comparable {
    var uuid: UUID { get }
    init(uuid: UUID)
}

extension Identifier {
    /// A fresh id for this instant.
    package init(at time: Timestamp = .now) { self.init(uuid: IdentifierSource.shared.next(at: time)) }

    /// The lowest id that any made at this instant or later can have.
    package init(earliestAt time: Timestamp) {
        let milliseconds = UInt64(max(0, time.milliseconds))
        func byte(_ shift: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: milliseconds >> shift) }
        self.init(
            uuid: UUID(
                uuid: (
                    byte(40), byte(32), byte(24), byte(16), byte(8), byte(0), 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 0
                )))
    }

    /// Reads the 36 characters of a UUID in either case; `nil` where they are none.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 36, let uuid = UUID(uuidString: String(text)) else { return nil }
        self.init(uuid: uuid)
    }

    /// 36 characters, lower case.
    package var description: String {
        // Written out by hand: a store says each id several times in a step, and `uuidString` formats through `snprintf`.
        func digit(_ value: UInt8) -> UInt8 { value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10 }
        return unsafe withUnsafeBytes(of: uuid.uuid) { bytes in
            unsafe String(unsafeUninitializedCapacity: 36) { text in
                var position = 0
                for index in 0..<16 {
                    if index == 4 || index == 6 || index == 8 || index == 10 {
                        unsafe text[position] = UInt8(ascii: "-")
                        position += 1
                    }
                    unsafe text[position] = digit(bytes[index] >> 4)
                    unsafe text[position + 1] = digit(bytes[index] & 15)
                    position += 2
                }
                return position
            }
        }
    }

    package static func < (one: Self, other: Self) -> Bool { one.description < other.description }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let id = Self(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a UUID"))
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

package struct FileID: Identifier {
    package let uuid: UUID
    package init(uuid: UUID) { self.uuid = uuid }
}

package struct JobID: Identifier {
    package let uuid: UUID
    package init(uuid: UUID) { self.uuid = uuid }
}

package struct BatchID: Identifier {
    package let uuid: UUID
    package init(uuid: UUID) { self.uuid = uuid }
}

/// One start of one process: a host's name comes back after a restart, this does not.
package struct WorkerID: Identifier {
    package let uuid: UUID
    package init(uuid: UUID) { self.uuid = uuid }
}

/// Makes UUIDv7s that never go backwards within the process, even when the clock does.
final class IdentifierSource: Sendable {
    static let shared = IdentifierSource()

    // Milliseconds and the 12 bits behind them, used as a counter (RFC 9562, section 6.2, method 1).
    private let last = Mutex<(milliseconds: UInt64, counter: UInt16)>((0, 0))

    func next(at time: Timestamp) -> UUID {
        let (milliseconds, counter) = last.withLock { last in
            let now = UInt64(max(0, time.milliseconds))
            if now > last.milliseconds {
                last = (now, UInt16.random(in: 0..<0x800))
            } else if last.counter < 0xFFF {
                last.counter += 1
            } else {
                last = (last.milliseconds + 1, 0)
            }
            return last
        }
        let random = UInt64.random(in: .min ... .max)
        func byte(_ value: UInt64, _ shift: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: value >> shift) }
        return UUID(
            uuid: (
                byte(milliseconds, 40), byte(milliseconds, 32), byte(milliseconds, 24), byte(milliseconds, 16),
                byte(milliseconds, 8), byte(milliseconds, 0),
                0x70 | UInt8(counter >> 8), UInt8(truncatingIfNeeded: counter),
                0x80 | (byte(random, 56) & 0x3F), byte(random, 48), byte(random, 40), byte(random, 32),
                byte(random, 24), byte(random, 16), byte(random, 8), byte(random, 0)
            ))
    }
}
