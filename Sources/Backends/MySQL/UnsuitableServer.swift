/// The server lacks what the store's statements need.
package struct UnsuitableServer: Error, Hashable, CustomStringConvertible {
    /// 101119 stands for 10.11.19.
    let version: Int
    let isMariaDB: Bool

    package var description: String {
        let text = "\(version / 10000).\(version / 100 % 100).\(version % 100)"
        return
            "\(isMariaDB ? "MariaDB" : "MySQL") \(text) cannot skip locked rows; needed is MySQL 8.0.1 or MariaDB 10.6"
    }
}
