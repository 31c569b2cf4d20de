import CZlib
import Imaging
import Testing

/// What a file holds beside its pixels, found by walking through it: a second implementation, to check ours by.
struct FoundMetadata {
    var exif: FoundEXIF?
    var xmp: [UInt8]?
    var profile: [UInt8]?
    /// The markers or chunks that the profile is in.
    var profileParts = 0

    init(_ file: [UInt8], _ format: ImageFormat) throws {
        switch format {
        case .jpeg: walkMarkers(file)
        case .png: try walkChunks(file)
        case .webp: walkContainer(file)
        case .tiff:
            let found = FoundEXIF(file)
            exif = found
            xmp = found.values["2BC"]
            profile = found.values["8773"]
        default: break
        }
    }

    private mutating func walkMarkers(_ file: [UInt8]) {
        var index = 2
        while file[index + 1] != 0xDA {
            let count = Int(file[index + 2]) << 8 | Int(file[index + 3])
            let content = Array(file[index + 4..<index + 2 + count])
            if file[index + 1] == 0xE1 {
                if content.starts(with: Array("Exif\0\0".utf8)) { exif = FoundEXIF(Array(content[6...])) }
                let signature = Array("http://ns.adobe.com/xap/1.0/\0".utf8)
                if content.starts(with: signature) { xmp = Array(content[signature.count...]) }
            }
            if file[index + 1] == 0xE2 {
                // ICC.1:2022, annex B.4: the signature, the part's number, how many there are.
                profile = (profile ?? []) + content[14...]
                profileParts += 1
            }
            index += 2 + count
        }
    }

    private mutating func walkChunks(_ file: [UInt8]) throws {
        var index = 8
        while index < file.count {
            let count = file[index..<index + 4].reduce(0) { $0 << 8 | Int($1) }
            let content = Array(file[index + 8..<index + 8 + count])
            switch String(decoding: file[index + 4..<index + 8], as: UTF8.self) {
            case "eXIf": exif = FoundEXIF(content)
            case "iTXt":
                let head = Array("XML:com.adobe.xmp\0\0\0\0\0".utf8)
                if content.starts(with: head) { xmp = Array(content[head.count...]) }
            case "iCCP":
                let packed = Array(content[(try #require(content.firstIndex(of: 0)) + 2)...])
                var result = [UInt8](repeating: 0, count: 2 << 20), length = uLongf(result.count)
                let status = unsafe uncompress(&result, &length, packed, uLong(packed.count))
                try #require(status == Z_OK)
                profile = Array(result[..<Int(length)])
                profileParts += 1
            default: break
            }
            index += 12 + count
        }
    }

    private mutating func walkContainer(_ file: [UInt8]) {
        var index = 12
        while index < file.count {
            let count = file[index + 4..<index + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
            let content = Array(file[index + 8..<index + 8 + count])
            switch String(decoding: file[index..<index + 4], as: UTF8.self) {
            case "EXIF": exif = FoundEXIF(content)
            case "XMP ": xmp = content
            case "ICCP":
                profile = content
                profileParts += 1
            default: break
            }
            index += 8 + count + count % 2
        }
    }
}

/// The values of a TIFF structure by their tags, those of inner directories behind the tag that leads there: `8769.9003`.
struct FoundEXIF {
    private(set) var values: [String: [UInt8]] = [:]
    /// Where each lies.
    private(set) var places: [String: Int] = [:]
    /// Whether another directory, such as a thumbnail's, follows the first.
    private(set) var hasNext = false
    let isBigEndian: Bool
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        isBigEndian = bytes[0] == UInt8(ascii: "M")
        let first = number(4, 4)
        read(first, "")
        hasNext = number(first + 2 + number(first, 2) * 12, 4) != 0
    }

    private mutating func read(_ offset: Int, _ path: String) {
        let sizes = [1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1]
        for index in 0..<number(offset, 2) {
            let entry = offset + 2 + index * 12
            let key = path + String(number(entry, 2), radix: 16, uppercase: true)
            if ["8769", "8825", "8769.A005"].contains(key) {
                read(number(entry + 8, 4), key + ".")
                continue
            }
            let count = number(entry + 4, 4) * (sizes[number(entry + 2, 2)] ?? 1)
            let place = count > 4 ? number(entry + 8, 4) : entry + 8
            values[key] = Array(bytes[place..<place + count])
            places[key] = place
        }
    }

    private func number(_ offset: Int, _ count: Int) -> Int {
        let part = bytes[offset..<offset + count]
        return isBigEndian ? part.reduce(0) { $0 << 8 | Int($1) } : part.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
