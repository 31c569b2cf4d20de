package import HTTPClient
import Jobs

extension CurlProfile {
    /// For what users name. A client of this profile belongs to them alone: it shares no connection and no looked-up name with
    /// those for our own backends.
    ///
    /// - Parameter rules: asked at each connection, thus after a redirect and where a name leads elsewhere than before.
    package static func guarded(by rules: AddressGuard, connectLimit: Duration = .seconds(10)) -> CurlProfile {
        var profile = CurlProfile()
        profile.connectLimit = connectLimit
        // Strangers' servers may all be slow at once.
        profile.waitingTime = .seconds(30)
        profile.mayConnect = { rules.allows(IPAddress(bytes: $0.bytes), port: $0.port) }
        return profile
    }
}
