/// What became of one entry of a batch, as its CSV tells it. That CSV can be sent as a batch again.
package struct BatchReportRow: Hashable, Sendable {
    package static let columns = ["serial_number", "product_name", "input_url", "output_url", "status", "error"]

    package let serialNumber: String
    package let productName: String
    package let inputURL: String
    /// Empty until there is a result; the error until there is one.
    package let outputURL: String
    package let status: String
    package let error: String

    package init(
        serialNumber: String, productName: String, inputURL: String, outputURL: String, status: String, error: String
    ) {
        self.serialNumber = serialNumber
        self.productName = productName
        self.inputURL = inputURL
        self.outputURL = outputURL
        self.status = status
        self.error = error
    }

    /// In the order of ``columns``.
    package var cells: [String] { [serialNumber, productName, inputURL, outputURL, status, error] }
}
