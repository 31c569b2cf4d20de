import HTTPTypes
import Imaging
import Jobs

extension RouteDescription {
    static let preview = RouteDescription(
        "previewFile", .pictures, "Shows what a plan makes of a file, small and at once",
        """
        The whole plan is applied, then the result is made to fit; without a plan it is the file itself. There is no job, \
        and nothing is kept.
        """,
        parameters: [
            .fileID,
            Parameter(
                .query, "side", "The longer side at most, in pixels.",
                Schema(
                    "integer", "",
                    [
                        "minimum": .integer(Intake.previewSides.lowerBound),
                        "maximum": .integer(Intake.previewSides.upperBound),
                        "default": .integer(PreviewResource.usualSide),
                    ])),
            Parameter(.header, "If-None-Match", "An `ETag` that is here already.", Schema("string")),
        ] + planFields,
        answers: [
            Outcome(
                .ok, "The picture, in the plan's format where browsers show it.",
                ImageFormat.allCases.filter { $0 != .tiff }.map {
                    Content($0.contentType, Schema("string", "", ["format": "binary"]))
                }, fields: ["ETag": "Changes with the bytes."]),
            Outcome(.notModified, "It is what the client has.", fields: ["ETag": "What it is."]),
        ],
        problems: [
            .notFound, .expired, .missingParameter, .missingPlan, .ambiguousPlan, .unknownOperation, .impossiblePlan,
            .undecodableImage, .tooManyPixels, .previewFailed,
        ] + backendProblems)
}
