import Fuzzing
import NIOCore

@testable import Server

/// A body has the same parts, or the same error, however it is cut into pieces. The first byte says how.
@main enum FuzzMultipart {
    static func main() { fuzz(feed) }

    private static func feed(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let body = bytes.dropFirst()
        // Not into too many: a long header in pieces of a byte each costs as much as hundreds of short ones.
        let step = max(Int(first) + 1, body.count / 64)
        let pieces = stride(from: body.startIndex, to: body.endIndex, by: step).map {
            body[$0..<min($0 + step, body.endIndex)]
        }
        let whole = read([body]), cut = read(pieces)
        guard whole == cut else { fatalError("\(whole) cut in pieces of \(step) is \(cut)") }
        for part in whole.parts {
            precondition(DisplayName.make(from: part.header.fileName).utf8.count <= DisplayName.maximumLength)
        }
    }
}

private struct Reading: Equatable {
    struct Part: Equatable {
        let header: PartHeader
        var bytes: [UInt8] = []
        var isWhole = false
    }

    var parts: [Part] = []
    var error: MultipartError?
}

private func read(_ pieces: [ArraySlice<UInt8>]) -> Reading {
    var reading = Reading()
    do throws(MultipartError) {
        var parser = try MultipartParser(boundary: "cut")
        for piece in pieces {
            parser.receive(ByteBuffer(bytes: piece))
            while let event = try parser.next() {
                switch event {
                case .partBegan(let header): reading.parts.append(Reading.Part(header: header))
                case .bytes(let bytes):
                    precondition(bytes.readableBytes > 0)
                    reading.parts[reading.parts.count - 1].bytes += bytes.readableBytesView
                case .partEnded: reading.parts[reading.parts.count - 1].isWhole = true
                case .ended: break
                }
            }
        }
        try parser.finish()
    } catch {
        reading.error = error
    }
    return reading
}
