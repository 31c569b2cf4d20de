/// A few values by key, of which the one that was not asked for the longest goes first.
struct RecentValues<Key: Hashable, Value> {
    private let limit: Int
    /// The latest last.
    private var entries: [(key: Key, value: Value)] = []

    init(limit: Int) { self.limit = limit }

    subscript(key: Key) -> Value? {
        mutating get {
            guard let index = entries.firstIndex(where: { $0.key == key }) else { return nil }
            entries.append(entries.remove(at: index))
            return entries.last?.value
        }
        set {
            entries.removeAll { $0.key == key }
            guard let newValue else { return }
            entries.append((key, newValue))
            if entries.count > limit { entries.removeFirst() }
        }
    }
}
