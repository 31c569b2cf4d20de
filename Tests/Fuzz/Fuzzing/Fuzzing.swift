import CFuzzer

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Set before the first input, and then only read.
nonisolated(unsafe) private var target: ([UInt8]) -> Void = { _ in }

/// Has libFuzzer call a function with one input after another, as the arguments of the program say. What traps is a find.
package func fuzz(_ body: @escaping ([UInt8]) -> Void) -> Never {
    unsafe target = body
    exit(
        unsafe cfuzzer_run(CommandLine.argc, CommandLine.unsafeArgv) { start, count in
            unsafe target(Array(UnsafeBufferPointer(start: start, count: count)))
            return 0
        })
}
