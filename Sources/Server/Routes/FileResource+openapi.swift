import HTTPTypes

extension RouteDescription {
    static let listFiles = RouteDescription(
        "listFiles", .pictures, "Lists files", "Newest first.", parameters: Parameter.page,
        answers: [
            Outcome(
                .ok, "A page of files.",
                Schema.object("A page of files.", ["files": .array(of: .file), "next_cursor": .nextCursor])
                    .named("FileList"),
                example: ["files": [Example.file], "next_cursor": Example.fileID])
        ],
        problems: backendProblems)

    static let deleteFile = RouteDescription(
        "deleteFile", .pictures, "Deletes a file", "The results of its jobs go too.", parameters: [.fileID],
        answers: [Outcome(.noContent, "It is gone.")], problems: [.notFound, .expired] + backendProblems)
}
