/// Remembers a value for a moment. Those who ask meanwhile, or while it is being made, share one making.
actor Remembered<Value: Sendable> {
    private let lifetime: Duration
    private let make: @Sendable (_ last: Value?) async -> Value
    private var current: (value: Value, madeAt: ContinuousClock.Instant)?
    private var making: Task<Value, Never>?

    init(for lifetime: Duration, make: @escaping @Sendable (_ last: Value?) async -> Value) {
        self.lifetime = lifetime
        self.make = make
    }

    var value: Value {
        get async {
            if let current, ContinuousClock.now - current.madeAt < lifetime { return current.value }
            // Awaited right below, and by all who come while it runs.
            let task = making ?? Task { [make, current] in await make(current?.value) }
            making = task
            let value = await task.value
            if making == task {
                making = nil
                current = (value, .now)
            }
            return value
        }
    }
}
