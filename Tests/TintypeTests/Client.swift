import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A client of the service, as small as one can be.
struct Client {
    let base: URL

    struct Answer {
        let status: Int
        let body: Data

        var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:]
        }

        var text: String { String(decoding: body, as: UTF8.self) }

        subscript(_ name: String) -> String? { json[name] as? String }
    }

    func get(_ path: String) async throws -> Answer { try await send(request("GET", path)) }

    /// A job's status once it is final.
    func final(_ job: String) async throws -> Answer {
        var status = try await get("/status/\(job)?wait=20")
        while ["queued", "processing"].contains(status["status"]) {
            status = try await get("/status/\(job)?wait=20")
        }
        return status
    }

    func post(_ path: String, json: String = "{}", headers: [String: String] = [:]) async throws -> Answer {
        var request = request("POST", path)
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        request.httpBody = Data(json.utf8)
        return try await send(request)
    }

    func upload(_ bytes: Data, named name: String, to path: String = "/upload") async throws -> Answer {
        let boundary = "boundary\(UUID().uuidString)"
        var request = request("POST", path)
        request.setValue("multipart/form-data; boundary=\(boundary)", forHTTPHeaderField: "Content-Type")
        var body = Data(
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n\r\n".utf8)
        body.append(bytes)
        body.append(Data("\r\n--\(boundary)--\r\n".utf8))
        request.httpBody = body
        return try await send(request)
    }

    private func request(_ method: String, _ path: String) -> URLRequest {
        var request = URLRequest(url: URL(string: base.absoluteString + path)!)
        request.httpMethod = method
        request.timeoutInterval = 60
        return request
    }

    private func send(_ request: URLRequest) async throws -> Answer {
        let (body, response) = try await URLSession.shared.data(for: request)
        return Answer(status: (response as? HTTPURLResponse)?.statusCode ?? 0, body: body)
    }
}

/// Pictures that the tests make.
enum Picture {
    /// A 24-bit BMP (BITMAPINFOHEADER), whose pixels come from a seed so that no two are alike.
    static func bmp(width: Int, height: Int, seed: UInt32) -> Data {
        let stride = (width * 3 + 3) / 4 * 4
        func bytes(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        var data = Data("BM".utf8)
        data.append(contentsOf: bytes(54 + stride * height, 4) + bytes(0, 4) + bytes(54, 4))
        data.append(contentsOf: bytes(40, 4) + bytes(width, 4) + bytes(height, 4) + bytes(1, 2) + bytes(24, 2))
        data.append(contentsOf: bytes(0, 24))
        var state = seed &* 2_654_435_761 | 1
        for _ in 0..<(stride * height) {
            state = state &* 1_664_525 &+ 1_013_904_223
            data.append(UInt8(truncatingIfNeeded: state >> 24))
        }
        return data
    }
}
