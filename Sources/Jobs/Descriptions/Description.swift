#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a finished description says: the document that is kept as its job's result.
package struct Description: Codable, Hashable, Sendable {
    package enum Source: String, Codable, Sendable {
        /// From the picture itself.
        case measured
        /// By a vision model behind the chat-completions API.
        case openAI = "openai"
    }

    /// For people, in as many lines as it takes.
    package let text: String
    package let source: Source
    package let measures: PictureMeasures
    /// As the service names it.
    package let model: String?
    package let usage: VisionUsage?

    /// What clients have always read, whoever wrote the text.
    package static let generator = "vision-node-gpt"

    /// Describes a picture by its measures.
    package init(of measures: PictureMeasures) {
        text = measures.text
        source = .measured
        self.measures = measures
        model = nil
        usage = nil
    }

    /// Keeps a vision model's words.
    package init(_ answer: VisionAnswer, of measures: PictureMeasures) {
        text = answer.text
        source = .openAI
        self.measures = measures
        model = answer.model
        usage = answer.usage
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(text, forKey: .text)
        try container.encode(source, forKey: .source)
        try container.encode(measures, forKey: .measures)
        try container.encodeIfPresent(model, forKey: .model)
        try container.encodeIfPresent(usage, forKey: .usage)
        var generated = encoder.container(keyedBy: GeneratorKey.self)
        try generated.encode(Self.generator, forKey: .generator)
    }

    private enum CodingKeys: String, CodingKey {
        case text = "description"
        case source, measures, model, usage
    }

    private enum GeneratorKey: String, CodingKey {
        case generator = "_generated_by"
    }
}

extension Description {
    /// As it is kept.
    package var json: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return [UInt8](try encoder.encode(self))
        }
    }
}
