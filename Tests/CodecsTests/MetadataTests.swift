import Imaging
import TestPictures
import Testing

@testable import Codecs

@Suite struct `Metadata` {
    static let result = Picture.sample(9, 14, .opaque)

    /// Takes the metadata out of a file, as they are after the picture was turned upright.
    static func taken(from file: [UInt8]) throws -> PictureMetadata {
        var metadata = try metadata(of: file)
        metadata.describe(result.layout.size)
        return metadata
    }

    static func taken(fromBlock block: [UInt8]) -> [UInt8] { EXIFBlock(block.span)?.bytes ?? [] }

    @Test(arguments: TestMetadata.formats, TestMetadata.formats)
    func `goes from every format to every format`(_ from: ImageFormat, _ to: ImageFormat) throws {
        for isBigEndian in [false, true] {
            let source = TestMetadata(isBigEndian: isBigEndian)
            let file = try Self.result.encoded(to, Self.taken(from: source.file(from)))
            let found = try FoundMetadata(file, to)
            let exif = try #require(found.exif)
            let before = FoundEXIF(source.block)
            #expect(exif.isBigEndian == isBigEndian)
            #expect(!exif.hasNext)
            let number = { (value: UInt32, count: Int) in
                isBigEndian ? [UInt8](big: value, count) : [UInt8](little: value, count)
            }
            for (tag, value) in before.values {
                switch tag {
                case "112": #expect(exif.values[tag] == number(1, 2))
                case "8769.A002": #expect(exif.values[tag] == number(9, 4))
                case "8769.A003": #expect(exif.values[tag] == number(14, 4))
                default: #expect(exif.values[tag] == value, "tag \(tag)")
                }
            }
            if to != .tiff { #expect(exif.values.count == before.values.count) }
            #expect(
                String(decoding: found.xmp ?? [], as: UTF8.self).contains("tiff:Orientation=\"1\" dc:title='six 6'"))
            #expect(found.xmp?.count == source.xmp.count)
            #expect(found.profile == source.profile)

            // The pixels are there as without, and we read what others do.
            var request = DecodeRequest()
            request.keepsProfile = true
            #expect(try Picture(decoding: file, request) == Picture(decoding: Self.result.encoded(to)))
            #expect(try header(of: file).orientation == .upright)
            #expect(try facts(of: file).exif.cameraMake == "Tintype")
            #expect(try Self.taken(from: file).xmp == found.xmp)
        }
    }

    @Test(arguments: [ImageFormat.gif, .bmp])
    func `is neither read from nor written to formats without a place for it`(_ format: ImageFormat) throws {
        let metadata = try Self.taken(from: TestMetadata().file(.png))
        let file = try Self.result.encoded(format, metadata)
        #expect(try file == Self.result.encoded(format))
        #expect(try CodecsTests.metadata(of: file) == PictureMetadata())
    }

    @Test(arguments: TestMetadata.formats)
    func `is there for gray and transparent pictures as well`(_ format: ImageFormat) throws {
        let metadata = try Self.taken(from: TestMetadata().file(.png))
        for kind in Picture.Kind.allCases {
            let found = try FoundMetadata(Picture.sample(9, 14, kind).encoded(format, metadata), format)
            #expect(found.exif?.values["10F"] == Array("Tintype\0".utf8))
            #expect(found.xmp != nil)
        }
    }

    @Test func `leaves the thumbnail and what says how pixels are stored behind`() throws {
        var source = TestMetadata()
        source.image[256] = .long([1234])
        source.image[273] = .long([8])
        source.image[330] = .directory([254: .long([1])])
        // A second directory behind the first, with a picture.
        var block = source.block
        let next = 8 + 2 + source.image.count * 12
        block.replaceSubrange(next..<next + 4, with: [UInt8](little: UInt32(block.count)))
        let picture = Array("the picture before it was cut".utf8)
        block += [1, 0] + [UInt8](little: 0x0201, 2) + [7, 0] + [UInt8](little: UInt32(picture.count))
        block += [UInt8](little: UInt32(block.count + 8)) + [0, 0, 0, 0] + picture
        #expect(FoundEXIF(block).hasNext)
        let taken = Self.taken(fromBlock: block)
        #expect(!FoundEXIF(taken).hasNext)
        #expect(FoundEXIF(taken).values.keys.allSatisfy { !["100", "111", "14A"].contains($0) })
        #expect(taken.firstRange(of: picture) == nil)
    }

    @Test func `leaves a camera maker's note where it was`() throws {
        var source = TestMetadata()
        source.image[0x010E] = .text(String(repeating: "A description that comes before it. ", count: 9))
        let before = FoundEXIF(source.block), after = FoundEXIF(Self.taken(fromBlock: source.block))
        #expect(after.places["8769.927C"] == before.places["8769.927C"])
        #expect(after.values["8769.927C"] == before.values["8769.927C"])
        #expect(after.values["10E"] == before.values["10E"])
    }

    // MARK: - Profiles

    @Test func `a profile goes along only where it is for the picture`() throws {
        let gray = TestProfile.gray(curve: TestProfile.gamma(1.8)).bytes
        let colored = TestMetadata().profile
        #expect(EmbeddedProfile(gray, for: .gray)?.isGray == true)
        #expect(EmbeddedProfile(colored, for: .rgb)?.isGray == false)
        #expect(EmbeddedProfile(gray, for: .rgb) == nil)
        #expect(EmbeddedProfile(colored, for: .gray) == nil)
        #expect(EmbeddedProfile(colored, for: .cmyk(isInverted: false)) == nil)
        #expect(EmbeddedProfile(colored + [1, 2, 3], for: .rgb)?.bytes == colored)
        for count in 0..<colored.count { #expect(EmbeddedProfile(Array(colored[..<count]), for: .rgb) == nil) }
    }

    @Test func `a picture that was turned into sRGB says so`() throws {
        var metadata = try metadata(of: TestMetadata().file(.jpeg))
        metadata.fit(toGray: true)
        metadata.describe(Size(width: 9, height: 14))
        let found = try FoundMetadata(Self.result.encoded(.jpeg, metadata), .jpeg)
        #expect(found.profile == nil)
        #expect(found.exif?.values["8769.A001"] == [1, 0])
        #expect(found.exif?.values["8769.A005.1"] == nil)
    }

    @Test(arguments: TestMetadata.formats)
    func `a long profile is written whole`(_ format: ImageFormat) throws {
        var source = TestMetadata()
        let note = Array("desc".utf8) + (0..<150_000).map { UInt8(truncatingIfNeeded: $0 * $0 >> 5) }
        source.profile =
            TestProfile.display(
                [[0.5, 0.3, 0], [0.3, 0.6, 0.1], [0.2, 0.1, 0.7]], curve: TestProfile.gamma(1.8), more: [("note", note)]
            ).bytes
        let metadata = try Self.taken(from: source.file(.tiff))
        let found = try FoundMetadata(Self.result.encoded(format, metadata), format)
        #expect(found.profile == source.profile)
        if format == .jpeg { #expect(found.profileParts == 3) }
    }

    // MARK: - Too large, or broken

    @Test(arguments: TestMetadata.formats)
    func `what is too large is left out`(_ format: ImageFormat) throws {
        var source = TestMetadata()
        source.image[0x010E] = .text(String(repeating: "x", count: 70_000))
        source.xmp = [UInt8](repeating: 0x20, count: 70_000)
        let large = try FoundMetadata(Self.result.encoded(format, Self.taken(from: source.file(.tiff))), format)
        // One marker is all that JPEG has for either.
        #expect((large.exif == nil) == (format == .jpeg))
        #expect(large.xmp?.count == (format == .jpeg ? nil : 70_000))

        source.image[0x010E] = .text(String(repeating: "x", count: PictureMetadata.byteLimit))
        source.xmp = [UInt8](repeating: 0x20, count: PictureMetadata.byteLimit + 1)
        source.profile += [UInt8](repeating: 0, count: PictureMetadata.byteLimit + 1)
        source.profile.replaceSubrange(0..<4, with: [UInt8](big: UInt32(source.profile.count)))
        let tooLarge = try FoundMetadata(Self.result.encoded(format, Self.taken(from: source.file(.tiff))), format)
        #expect(tooLarge.exif?.values["10E"] == nil)
        #expect(tooLarge.exif?.values["10F"] == Array("Tintype\0".utf8))
        #expect(tooLarge.xmp == nil)
        #expect(tooLarge.profile == nil)
    }

    @Test func `the longest marker that there is holds as much as it can`() throws {
        var source = TestMetadata()
        source.xmp = [UInt8](repeating: 0x20, count: 65_533 - 29)
        var metadata = try Self.taken(from: source.file(.png))
        #expect(try FoundMetadata(Self.result.encoded(.jpeg, metadata), .jpeg).xmp == source.xmp)
        metadata.xmp?.append(0x20)
        #expect(try FoundMetadata(Self.result.encoded(.jpeg, metadata), .jpeg).xmp == nil)
    }

    @Test func `what is broken is left out, and what is whole is read again`() throws {
        let block = TestMetadata().block
        for count in 0..<block.count { check(Array(block[..<count])) }
        // Every byte in turn is made what lies the most.
        for index in block.indices {
            for value in [0, 1, 0x7F, 0xFF] as [UInt8] { check(block.replacing(index..<index + 1, with: [value])) }
        }
        // Directories that lead to themselves are read once.
        var source = TestMetadata()
        source.image[0x8769] = .long([8])
        source.image[0x8825] = .long([8])
        check(source.block)
    }

    @Test(arguments: TestMetadata.formats)
    func `a file with any byte changed, or cut anywhere, gives what it can`(_ format: ImageFormat) throws {
        let file = try TestMetadata().file(format)
        let whole = try metadata(of: file)
        for index in file.indices {
            for changed in [file.replacing(index..<index + 1, with: [file[index] ^ 0xFF]), Array(file[..<index])] {
                do {
                    var found = try metadata(of: changed)
                    found.describe(Size(width: 9, height: 14))
                    if let bytes = found.exif?.bytes { check(bytes) }
                    #expect((found.xmp?.count ?? 0) <= file.count && (found.profile?.bytes.count ?? 0) <= file.count)
                } catch {
                    #expect(error is DecodeError)
                }
            }
        }
        #expect(whole.exif != nil && whole.xmp != nil && whole.profile != nil)
    }

    private func check(_ bytes: [UInt8]) {
        guard var block = EXIFBlock(bytes.span) else { return }
        block.describe(9, 14)
        #expect(block.bytes.count <= bytes.count * 4 + 200)
        let found = FoundEXIF(block.bytes)
        #expect(found.values["112"]?.contains(1) == true)
    }

    @Test func `numbers in a foreign place of XMP stay`() {
        for (given, expected) in [
            ("<tiff:Orientation>8</tiff:Orientation>", "<tiff:Orientation>1</tiff:Orientation>"),
            ("tiff:Orientation = '3'", "tiff:Orientation = '1'"), ("tiff:Orientation", "tiff:Orientation"),
            ("tiff:Orientation=\"", "tiff:Orientation=\""), ("tiff:OrientationX6", "tiff:OrientationX6"),
            ("tiff:Orientation=\"9\" x=\"6\"", "tiff:Orientation=\"9\" x=\"6\""),
        ] {
            #expect(String(decoding: XMP.upright(Array(given.utf8)), as: UTF8.self) == expected)
        }
    }
}
