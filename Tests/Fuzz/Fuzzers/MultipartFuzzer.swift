import NIOCore

@testable import Server

/// A body has the same parts, or the same error, however it is cut into pieces. The first byte says how.
enum MultipartFuzzer: Fuzzer {
    static let name = "multipart"

    /// Two parts; and two bodies near the limits, which take long to come upon byte by byte.
    static let seeds = [
        text(
            """
            \u{3}--cut\r
            Content-Disposition: form-data; name="a"; filename="b.jpg"\r
            Content-Type: image/jpeg\r
            \r
            bytes\r
            --cut\r
            Content-Disposition: form-data; name=steps\r
            \r
            resize\r
            --cut--\r

            """),
        text("\u{FF}" + String(repeating: " ", count: 8180) + "\r\n--cut--"),
        text(
            "\u{FF}--cut\r\nContent-Disposition: form-data; name=a\r\nX:" + String(repeating: " ", count: 8100)
                + "\r\n\r\n\r\n--cut--"),
    ]

    static func feed(_ bytes: [UInt8]) {
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
