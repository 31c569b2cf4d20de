import Imaging
import Jobs
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct `A description` {
    private static let measures: PictureMeasures = {
        var measures = PictureMeasures(
            size: Size(width: 1920, height: 1080), format: .jpeg, colorMode: .rgb, fileSize: 2_412_345, kind: .photo)
        measures.bitDepth = 8
        measures.camera = PictureMeasures.Camera(make: "Acme", model: "Acme One")
        measures.dateTaken = "2024-05-01T18:30:09"
        measures.dominantColors = [
            PictureMeasures.DominantColor(Color(red: 70, green: 130, blue: 180), name: "blue", share: 0.4349),
            PictureMeasures.DominantColor(.white, name: "white", share: 0.12),
        ]
        measures.brightness = 118.04
        measures.contrast = 62.16
        measures.sharpness = 1223.48
        return measures
    }()

    @Test func `says what was measured, line by line`() {
        #expect(
            Description(of: Self.measures).text == """
                Image Description:
                - Dimensions: 1920x1080 pixels
                - Format: JPEG
                - Color mode: RGB, 8 bit
                - File size: 2.4 MB
                - Camera: Acme One
                - Date taken: 2024-05-01 18:30:09
                - Dominant colors: blue (#4682b4, 43%), white (#ffffff, 12%)
                - Brightness: medium (mean luma 118 of 255)
                - Contrast: high (RMS 62.2)
                - Sharpness: sharp (Laplacian variance 1223)
                - Kind: photo
                - Transparency: none
                - Animation: none
                """)
    }

    @Test func `leaves out what is not known`() throws {
        var measures = PictureMeasures(
            size: Size(width: 1, height: 2), format: .webp, colorMode: .grayAlpha, fileSize: 1, kind: .graphics)
        measures.hasTransparency = true
        measures.frameCount = 12
        let description = Description(of: measures)
        #expect(
            description.text == """
                Image Description:
                - Dimensions: 1x2 pixels
                - Format: WebP
                - Color mode: gray + alpha
                - File size: 1 byte
                - Kind: graphics
                - Transparency: yes
                - Animation: 12 frames
                """)
        let json = try Self.json(description)
        #expect(!json.contains("null"))
        for name in ["camera", "date_taken", "brightness", "bit_depth", "model", "usage"] {
            #expect(!json.contains("\"\(name)\""))
        }
    }

    @Test(
        arguments: [
            (0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (1049, "1 kB"), (1050, "1.1 kB"), (99_960, "100 kB"),
            (999_499, "999 kB"), (999_500, "1 MB"), (52_428_800, "52.4 MB"), (3_000_000_000, "3 GB"),
        ])
    func `rounds the size of the file`(_ byteCount: Int, _ text: String) {
        let measures = PictureMeasures(
            size: Size(width: 1, height: 1), format: .png, colorMode: .gray, fileSize: byteCount, kind: .photo)
        #expect(measures.text.contains("- File size: \(text)\n"))
    }

    @Test(
        arguments: [
            ("Canon", "Canon EOS 5D", "Canon EOS 5D"), ("NIKON CORPORATION", "Nikon D90", "Nikon D90"),
            ("Apple", "iPhone 15", "Apple iPhone 15"), (nil, "X100", "X100"), ("Acme", nil, "Acme"),
        ] as [(String?, String?, String)])
    func `names the maker once`(_ make: String?, _ model: String?, _ text: String) {
        var measures = Self.measures
        measures.camera = PictureMeasures.Camera(make: make, model: model)
        #expect(measures.text.contains("- Camera: \(text)\n"))
    }

    @Test func `is kept as one JSON object`() throws {
        #expect(
            try Self.json(Description(of: Self.measures)).hasPrefix(
                """
                {"_generated_by":"vision-node-gpt","description":"Image Description:\\n- Dimensions: 1920x1080 pixels\\n
                """))
        let measures = try Self.json(Self.measures)
        #expect(
            measures == """
                {"bit_depth":8,"brightness":118.04,"camera":{"make":"Acme","model":"Acme One"},"color_mode":"RGB",\
                "contrast":62.16,"date_taken":"2024-05-01T18:30:09","dominant_colors":[{"hex":"#4682b4",\
                "name":"blue","share":0.4349},{"hex":"#ffffff","name":"white","share":0.12}],"file_size":2412345,\
                "format":"jpeg","frame_count":1,"has_transparency":false,"height":1080,"kind":"photo",\
                "sharpness":1223.48,"width":1920}
                """)
        let answer = VisionAnswer(
            text: "A lake.", model: "gpt-4o-mini",
            usage: VisionUsage(promptTokens: 812, completionTokens: 9, totalTokens: 821))
        let told = Description(answer, of: Self.measures)
        #expect(
            try Self.json(told) == """
                {"_generated_by":"vision-node-gpt","description":"A lake.","measures":\(measures),\
                "model":"gpt-4o-mini","source":"openai","usage":{"completion_tokens":9,"prompt_tokens":812,"total_tokens":821}}
                """)
        for description in [told, Description(of: Self.measures)] {
            #expect(
                try JSONDecoder().decode(Description.self, from: Data(Self.json(description).utf8)) == description)
        }
    }

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
