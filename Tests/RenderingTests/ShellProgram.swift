import Foundation
import Rendering
import SystemPackage

/// Lends a child whose program is a shell script.
///
/// - Parameter report: what the script finds in its folder in a file of this name.
func withChild<R>(
    running script: String, _ report: Data = Data(), _ body: (ChildProcess) async throws -> R
) async throws -> R {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    try report.write(to: folder.appendingPathComponent("report"))
    let program = folder.appendingPathComponent("program")
    try Data("#!/bin/sh\ncd '\(folder.path)'\n\(script)\n".utf8).write(to: program)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
    return try await body(ChildProcess(executable: FilePath(program.path), environment: ["MAX_PIXELS": "5"]))
}
