import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The files that grow until they are whole, and would be left behind where the process is ended meanwhile.
final class UnfinishedFiles: Sendable {
    private let paths = Mutex<Set<FilePath>>([])

    /// Has `body` make a file and give it its own name; removes what there is where it throws.
    func making(_ path: FilePath, _ body: () throws -> Void) throws {
        paths.withLock { _ = $0.insert(path) }
        defer { paths.withLock { _ = $0.remove(path) } }
        do {
            try body()
        } catch {
            _ = unsafe unlink(path.string)
            throw error
        }
    }

    /// Removes all, and then ends the process: until that nobody begins another, or tells of one that is gone.
    func removeAll(andThen end: () -> Never) {
        paths.withLock { paths in
            for path in paths { _ = unsafe unlink(path.string) }
            end()
        }
    }
}
