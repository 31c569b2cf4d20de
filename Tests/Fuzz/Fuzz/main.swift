import CFuzzer
import Fuzzers
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

// Fuzz NAME ARGUMENT…            has libFuzzer feed one of the fuzzers, as its arguments say
// Fuzz NAME --write-seeds FOLDER  writes what that one begins with

/// Set before the first input, and then only read.
nonisolated(unsafe) private var target: (any Fuzzer.Type)?

let arguments = CommandLine.arguments
guard arguments.count > 1, let fuzzer = fuzzers.first(where: { $0.name == arguments[1] }) else {
    print("one of these: \(fuzzers.map { $0.name })")
    exit(2)
}
if arguments.count == 4, arguments[2] == "--write-seeds" {
    for (index, seed) in fuzzer.seeds.enumerated() {
        let path = FilePath(arguments[3]).appending("seed-\(index)")
        let file = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
        try file.closeAfter { _ = try file.writeAll(seed) }
    }
    exit(0)
}
unsafe target = fuzzer
exit(
    // Without the program's own name libFuzzer takes the fuzzer's for it.
    unsafe cfuzzer_run(CommandLine.argc - 1, CommandLine.unsafeArgv + 1) { start, count in
        unsafe target?.feed(Array(UnsafeBufferPointer(start: start, count: count)))
        return 0
    })
