import HTTPTypes

/// Finds the route for a path and a method. One slash at the end of a path never matters.
struct RouteTable: Sendable {
    enum Match: Sendable {
        case route(Route, parameters: [Substring])
        /// The path is known, but not with this method; the ones that it takes, as `Allow` lists them.
        case otherMethods(template: String, allowed: String)
        case unknown
    }

    private struct Endpoint: Sendable {
        let template: String
        let segments: [Substring]
        var routes: [Route] = []

        var allowed: String {
            let methods = routes.map(\.method.rawValue)
            return (methods.contains("GET") ? methods + ["HEAD"] : methods).joined(separator: ", ")
        }
    }

    /// By path, those without parameters: the most asked for, found at once.
    private var fixed: [Substring: Endpoint] = [:]
    /// The others; a dozen, told apart by their first segment as a rule.
    private var varying: [Endpoint] = []

    init(_ routes: [Route]) {
        for route in routes {
            let segments = Self.segments(of: route.template[...])
            let fresh = Endpoint(template: route.template, segments: segments)
            if !route.template.contains("{") {
                fixed[Self.trimmed(route.template[...]), default: fresh].routes.append(route)
            } else if let index = varying.firstIndex(where: { $0.template == route.template }) {
                varying[index].routes.append(route)
            } else {
                varying.append(fresh)
                varying[varying.count - 1].routes.append(route)
            }
        }
    }

    func match(_ path: Substring, _ method: HTTPRequest.Method) -> Match {
        let path = Self.trimmed(path)
        if let endpoint = fixed[path] { return pick(from: endpoint, method, []) }
        let segments = Self.segments(of: path)
        for endpoint in varying {
            if let parameters = Self.parameters(in: segments, for: endpoint.segments) {
                return pick(from: endpoint, method, parameters)
            }
        }
        return .unknown
    }

    private func pick(from endpoint: Endpoint, _ method: HTTPRequest.Method, _ parameters: [Substring]) -> Match {
        // What answers GET answers HEAD; the body stays behind.
        let wanted = method == .head ? .get : method
        guard let route = endpoint.routes.first(where: { $0.method == wanted }) else {
            return .otherMethods(template: endpoint.template, allowed: endpoint.allowed)
        }
        return .route(route, parameters: parameters)
    }

    private static func parameters(in segments: [Substring], for template: [Substring]) -> [Substring]? {
        guard segments.count == template.count else { return nil }
        var parameters: [Substring] = []
        for (segment, pattern) in zip(segments, template) {
            if pattern.utf8.first == UInt8(ascii: "{") {
                // What follows the brace, such as `.csv`, stands in the path as it is.
                let ending = pattern.drop { $0 != "}" }.dropFirst()
                guard segment.utf8.count > ending.utf8.count, segment.hasSuffix(ending) else { return nil }
                parameters.append(segment.dropLast(ending.count))
            } else if segment != pattern {
                return nil
            }
        }
        return parameters
    }

    private static func trimmed(_ path: Substring) -> Substring {
        path.utf8.count > 1 && path.utf8.last == UInt8(ascii: "/") ? path.dropLast() : path
    }

    private static func segments(of path: Substring) -> [Substring] {
        path.split(separator: "/", omittingEmptySubsequences: false)
    }
}
