import ArgumentParser
import Configuration
import Crypto
import Hummingbird
import ServiceLifecycle
import Subprocess

@main
struct Tintype: AsyncParsableCommand {
    func run() async throws {
        let router = Router()
        router.get("/") { _, _ in "hi \(SHA256.hash(data: [1,2,3]))" }
        let config = ConfigReader(provider: EnvironmentVariablesProvider())
        let port = config.int(forKey: "port", default: 8001)
        try await Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)))
            .runService()
    }
}
