import Codecs
import Imaging

/// A plan laid out for one picture: which stages follow one another behind its decoder.
///
/// Turning a picture upright holds it as a whole, so it is done where the picture is smallest: a portrait photo that is
/// first resized is resized as it lies in the file, and only the result is turned.
struct Course {
    enum Stage {
        /// - `input`: the size that the picture has there by the plan, before any shrinking on load.
        case operation(any Operation, input: Size)
        /// - `input`: the size that the picture has there, as stored.
        case turn(Orientation, input: Size)
    }

    private(set) var stages: [Stage] = []
    /// The size of the result, or the most that it can be.
    let size: Size
    /// Whether no step is left that decides on the size by what the picture shows.
    let isSizeCertain: Bool
    /// How small the decoder may make the picture, as stored; `nil` where its full size is needed.
    let leastSize: Size?
    /// Whether the first stage makes the picture gray.
    let needsOnlyLuma: Bool
    private let seconds: SecondPictures
    /// Bytes that these come to.
    private let secondsByteCount: Int

    /// - Parameter seconds: the pictures that the plan names.
    /// - Throws: ``PlanError/impossible(parameter:detail:)``, ``LimitError``, ``SecondPictureError``.
    init(
        _ operations: [any Operation], for header: ImageHeader, limits: Limits,
        _ seconds: SecondPictures = SecondPictures()
    ) throws {
        var sizes = [header.size]
        for operation in operations {
            let input = sizes[sizes.count - 1]
            let output = try operation.outputSize(of: input)
            if output.area > input.area || max(output.width, output.height) > max(input.width, input.height) {
                try limits.check(result: output)
            }
            sizes.append(output)
        }
        size = sizes[operations.count]
        isSizeCertain = !operations.contains { $0.look?.decidesSize == true }
        self.seconds = seconds
        secondsByteCount = try zip(operations, sizes).reduce(0) { sum, step in
            guard let operation = step.0 as? any ComposingOperation else { return sum }
            return sum + (try seconds.byteCount(for: operation, of: step.1))
        }

        var least: Size?
        for (operation, input) in zip(operations, sizes).reversed() {
            least = operation.leastInput(for: input, leaving: least)
        }
        leastSize = header.orientation.exchangesSides ? least?.transposed : least
        needsOnlyLuma = operations.first?.needsOnlyLuma ?? false

        let turn = header.orientation
        let ahead = Self.operations(operations, sizes, before: turn)
        // The first place where the picture is smallest.
        let place = turn == .upright ? 0 : (0...ahead.count).min { sizes[$0].area < sizes[$1].area } ?? 0
        for index in 0..<place {
            stages.append(
                .operation(ahead[index], input: turn.exchangesSides ? sizes[index].transposed : sizes[index]))
        }
        if turn != .upright {
            stages.append(.turn(turn, input: turn.exchangesSides ? sizes[place].transposed : sizes[place]))
        }
        for index in place..<operations.count { stages.append(.operation(operations[index], input: sizes[index])) }
    }

    /// The first operations of a plan, as many as can be done before the picture is turned.
    private static func operations(
        _ operations: [any Operation], _ sizes: [Size], before turn: Orientation
    ) -> [any Operation] {
        var ahead: [any Operation] = []
        for (operation, input) in zip(operations, sizes) {
            guard let operation = operation.before(turn, of: input) else { break }
            ahead.append(operation)
        }
        return ahead
    }

    /// Whether every stage works on 16 bits a sample.
    var takesDeepRows: Bool {
        stages.allSatisfy { stage in
            switch stage {
            case .operation(let operation, _): operation.takesDeepRows
            case .turn: true
            }
        }
    }

    /// Bytes that the stages hold of whole pictures, at most.
    ///
    /// - Parameter source: what the decoder gives at full size.
    func wholePictureByteCount(of source: RowLayout) -> Int {
        stages.reduce(secondsByteCount) { sum, stage in
            var layout = source
            switch stage {
            case .operation(let operation, let input):
                layout.size = input
                return sum + operation.wholePictureByteCount(for: layout)
            case .turn(let orientation, let input):
                layout.size = input
                return sum + TurnedRows.byteCount(of: layout, orientation)
            }
        }
    }

    /// Puts the stages behind a decoder.
    ///
    /// The decoder is watched, and each stage that gives more rows than it reads: a picture that is enlarged a thousandfold
    /// and then shrunk again is work between two rows of both the source and the result.
    func source(reading decoder: any RowSource, _ watch: Watch) throws -> any RowSource {
        var source: any RowSource = WatchedRows(decoder, watch)
        for stage in stages {
            switch stage {
            case .operation(let operation, let input):
                let height = source.layout.size.height
                source = try staged(operation, behind: source, of: input, watch)
                if source.layout.size.height > height { source = WatchedRows(source, watch) }
            case .turn(let orientation, _): source = TurnedRows.turning(source, orientation)
            }
        }
        return source
    }

    private func staged(
        _ operation: any Operation, behind source: any RowSource, of input: Size, _ watch: Watch
    ) throws -> any RowSource {
        guard let operation = operation as? any ComposingOperation else {
            return try operation.stage(reading: source, of: input)
        }
        return try operation.stage(
            reading: source, of: input, with: seconds.picture(for: operation, of: input, watch))
    }

    /// Whether the decoder is asked for half the size or less.
    func shrinks(_ header: ImageHeader) -> Bool {
        guard let least = decoderSize else { return false }
        return least.width * 2 <= header.storedSize.width + 1 && least.height * 2 <= header.storedSize.height + 1
    }
}
