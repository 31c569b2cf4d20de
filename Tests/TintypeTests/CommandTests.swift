import Foundation
import Testing

@Suite(.timeLimit(.minutes(2))) struct `The command line` {
    @Test(arguments: [
        (["PORT": "99999"], "PORT is 99999; allowed is a whole number from 0 to 65535"),
        (["REDIS_URL": "http://:hunter2@localhost"], "REDIS_URL is (hidden); allowed is an address such as rediss://"),
        (["MAX_FILE_SIZE": "ten"], "MAX_FILE_SIZE is ten; allowed is a whole number from 1"),
        (
            ["PUBLIC_URL": "https://pictures.example.com?a"],
            "PUBLIC_URL is https://pictures.example.com?(hidden); allowed is"
        ),
        (["PUBLIC_URL": "http://a\r\nb"], "PUBLIC_URL is http://a  b; allowed is"),
        (["ADMIN_TOKEN": "hunter2\n"], "ADMIN_TOKEN is (hidden); allowed is a text without blanks"),
        (["PUBLIC_URL": "https://u:hunter2@h/?a"], "PUBLIC_URL is https://(hidden)@h/?(hidden); allowed is"),
        (["PUBLIC_URL": "https://u:a/hunter2@h/?a"], "PUBLIC_URL is https://(hidden)@h/?(hidden); allowed is"),
        (["PUBLIC_URL": "https://u:a?hunter2@h"], "PUBLIC_URL is https://(hidden)@h; allowed is"),
        (["PUBLIC_URL": "https:/u:hunter2@h"], "PUBLIC_URL is https:(hidden)@h; allowed is"),
        (["PUBLIC_URL": "u:hunter2@h"], "PUBLIC_URL is u:(hidden)@h; allowed is"),
        (["PUBLIC_URL": "https://h?key=hunter2"], "PUBLIC_URL is https://h?(hidden); allowed is"),
        (["PUBLIC_URL": "https://a@b/;https://u:hunter2@h#"], "PUBLIC_URL is https://(hidden)@h#; allowed is"),
        (["DRAIN_DELAY_SECONDS": "26"], "DRAIN_DELAY_SECONDS is 26; allowed is at most SHUTDOWN_GRACE_SECONDS"),
        (["DATABASE_URL": "sqlite://jobs.db"], "DATABASE_URL is no file: sqlite:///relative.db"),
        (["DATABASE_URL": "sqlite:///:memory:"], "DATABASE_URL is no file: sqlite:///relative.db"),
    ])
    func `refuses a bad setting with one line and 78`(_ environment: [String: String], _ line: String) async throws {
        try await Program.withFolder { folder in
            let start = ContinuousClock.now
            let ended = try await Program.run(["serve"], in: folder, environment: environment)
            #expect(start.duration(to: .now) < .seconds(1))
            #expect(ended.exitCode == 78)
            #expect(ended.errors.contains(line))
            #expect(!ended.errors.contains("hunter2"))
            #expect(ended.errors.split(separator: "\n").count == 1)
        }
    }

    @Test(arguments: ["UPLOAD_DIR": "/proc/nothing", "DATA_DIR": "occupied", "DATABASE_URL": "sqlite:///occupied"])
    func `refuses a place that cannot be used`(_ name: String, _ value: String) async throws {
        try await Program.withFolder { folder in
            try Data("no folder, and no database either, whoever asks".utf8)
                .write(to: folder.appendingPathComponent("occupied"))
            let ended = try await Program.run(["serve"], in: folder, environment: ["PORT": "0", name: value])
            #expect(ended.exitCode == 78, "\(ended.errors)")
            #expect(ended.errors.contains(name))
            #expect(ended.errors.split(separator: "\n").count == 1)
        }
    }

    @Test(arguments: [("192.0.2.1", "assign"), ("[::1]", ""), ("256.1.1.1", "")])
    func `refuses a place on the network that it cannot have`(_ host: String, _ reason: String) async throws {
        try await Program.withFolder { folder in
            let ended = try await Program.run(["serve"], in: folder, environment: ["HOST": host, "PORT": "8123"])
            #expect(ended.exitCode == 78, "\(ended.errors)")
            #expect(ended.errors.contains("HOST \(host) and PORT 8123 cannot be listened on: "))
            #expect(reason.isEmpty || ended.errors.localizedCaseInsensitiveContains(reason), "\(ended.errors)")
        }
    }

    @Test(arguments: [
        "HOST 127.0.0.1", "=8000", "export PORT=8000", "1PORT=8000", "PORT: 8000", "hunter2", "ADMIN_TOKEN=\"hunter2",
        "ADMIN_TOKEN='hunter2'3",
    ])
    func `refuses a broken line in .env, names it, and does not quote it`(_ line: String) async throws {
        try await Program.withFolder { folder in
            try Data("# settings\n\n  PORT = 0 \n\(line)\n".utf8).write(to: folder.appendingPathComponent(".env"))
            let ended = try await Program.run(["serve"], in: folder)
            #expect(ended.exitCode == 78)
            #expect(ended.errors.contains(".env, line 4,"))
            #expect(!ended.errors.contains(line) && ended.errors.split(separator: "\n").count == 1)
        }
    }

    @Test func `refuses an .env that is a folder`() async throws {
        try await Program.withFolder { folder in
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent(".env"), withIntermediateDirectories: false)
            let ended = try await Program.run(["serve"], in: folder)
            #expect(ended.exitCode == 78)
            #expect(ended.errors.contains(".env cannot be read"))
        }
    }

    @Test func `tells its version, and those of its libraries`() async throws {
        struct Told: Decodable {
            let version: String
            let libraries: [String: String]
        }
        try await Program.withFolder { folder in
            let ended = try await Program.run(["--version", "--json"], in: folder)
            let told = try JSONDecoder().decode(Told.self, from: Data(ended.output.utf8))
            let plain = try await Program.run(["--version"], in: folder)
            #expect(plain.output == told.version + "\n")
            for name in [
                "libjpeg-turbo", "libpng", "libwebp", "libtiff", "giflib", "libcurl", "SQLite", "libpq", "ISA-L",
                "libmariadb", "librabbitmq",
            ] {
                #expect(told.libraries[name]?.contains(/^\d+\.\d+/) == true, "\(name)")
            }
        }
    }

    @Test(arguments: ["api", "worker"])
    func `refuses to share a store that other hosts cannot see`(_ role: String) async throws {
        try await Program.withFolder { folder in
            let ended = try await Program.run([role], in: folder, environment: ["PORT": "0"])
            #expect(ended.exitCode == 78)
            #expect(ended.errors.contains("ALLOW_LOCAL=1"))
        }
    }

    @Test func `tells each setting and where it comes from, and no secret`() async throws {
        try await Program.withFolder { folder in
            try Data("LOG_FORMAT=json\nPORT=1234\n".utf8).write(to: folder.appendingPathComponent(".env"))
            let ended = try await Program.run(
                ["config"], in: folder, environment: ["PORT": "4321", "ADMIN_TOKEN": "hunter2"])
            #expect(ended.exitCode == 0)
            #expect(ended.output.contains("PORT=4321  # environment\n"))
            #expect(ended.output.contains("LOG_FORMAT=json  # .env\n"))
            #expect(ended.output.contains("HOST=127.0.0.1  # default\n"))
            #expect(!(ended.output + ended.errors).contains("hunter2"))
        }
    }

    @Test(arguments: [
        ("DATA_DIR=\"./some where\"", "./some where"), ("DATA_DIR='./a\"b'  # c", "./a\"b"),
        ("DATA_DIR=./a # b", "./a"),
        ("DATA_DIR=./a#b", "./a#b"), ("DATA_DIR = ./a ", "./a"), ("DATA_DIR=  # none", "./data"),
        ("DATA_DIR=\"\"", "./data"),
    ])
    func `reads quotes and comments in .env as other programs do`(_ line: String, _ value: String) async throws {
        try await Program.withFolder { folder in
            try Data("\(line)\n".utf8).write(to: folder.appendingPathComponent(".env"))
            let ended = try await Program.run(["config"], in: folder)
            #expect(ended.output.contains("DATA_DIR=\(value)  # "), "\(ended)")
        }
    }

    @Test func `answers a health check by its exit code`() async throws {
        try await ServiceProcess.with { service in
            let port = try #require(service.url.port)
            let healthy = try await Program.run(
                ["healthcheck"], in: service.folder, environment: ["PORT": "\(port)"])
            #expect(healthy.exitCode == 0)
            #expect(await service.stop() == 0)
            let gone = try await Program.run(["healthcheck"], in: service.folder, environment: ["PORT": "\(port)"])
            #expect(gone.exitCode == 1)
        }
    }

    @Test func `gives up a health check of a process that stands still`() async throws {
        try await ServiceProcess.with { service in
            let port = try #require(service.url.port)
            kill(service.pid, SIGSTOP)
            let still = try await Program.run(["healthcheck"], in: service.folder, environment: ["PORT": "\(port)"])
            #expect(still.exitCode == 1 && still.errors.contains("nothing"), "\(still)")
        }
    }

    @Test func `develops local files, one and several`() async throws {
        try await Program.withFolder { folder in
            for name in ["a.bmp", "b.bmp"] {
                try Picture.bmp(width: 40, height: 30, seed: 7).write(to: folder.appendingPathComponent(name))
            }
            let one = try await Program.run(["render", "a.bmp", "out.png", "--plan", "resize:20x"], in: folder)
            #expect(one.exitCode == 0, "\(one.errors)")
            let png = try Data(contentsOf: folder.appendingPathComponent("out.png"))
            #expect(Array(png[16..<24]) == [0, 0, 0, 20, 0, 0, 0, 15])

            let several = try await Program.run(
                ["render", "a.bmp", "b.bmp", "results", "--format", "jpeg", "--quality", "60"], in: folder)
            #expect(several.exitCode == 0, "\(several.errors)")
            let results = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/results").sorted()
            #expect(results == ["a.jpg", "b.jpg"])

            // Two of one name would become one file.
            let clash = try await Program.run(["render", "a.bmp", "./a.bmp", "others", "--format", "png"], in: folder)
            #expect(clash.exitCode == 64 && clash.errors.contains("others/a"))
        }
    }

    @Test func `makes a folder of a name with a slash at its end, for one source too`() async throws {
        try await Program.withFolder { folder in
            try Picture.bmp(width: 40, height: 30, seed: 7).write(to: folder.appendingPathComponent("a.bmp"))
            let ended = try await Program.run(["render", "a.bmp", "results/", "--format", "png"], in: folder)
            #expect(ended.exitCode == 0, "\(ended.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/results") == ["a.png"])
        }
    }

    @Test func `writes into a pipe, and through a link, and puts no file in their place`() async throws {
        try await Program.withFolder { folder in
            func path(_ name: String) -> String { folder.path + "/" + name }
            func isSymbolicLink(_ name: String) -> Bool {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: path(name))) != nil
            }
            try Picture.bmp(width: 40, height: 30, seed: 7).write(to: folder.appendingPathComponent("a.bmp"))
            let plain = try await Program.run(["render", "a.bmp", "plain.png"], in: folder)
            #expect(plain.exitCode == 0)
            let expected = try Data(contentsOf: folder.appendingPathComponent("plain.png"))

            let made = unsafe mkfifo(path("pipe.png"), 0o600)
            #expect(made == 0)
            let read = AsyncStream<Data?> { continuation in
                // A thread of its own, as it blocks until there is a writer.
                Thread.detachNewThread {
                    continuation.yield(
                        FileHandle(forReadingAtPath: folder.path + "/pipe.png")?.readDataToEndOfFile())
                    continuation.finish()
                }
            }
            let piped = try await Program.run(["render", "a.bmp", "pipe.png"], in: folder)
            #expect(piped.exitCode == 0, "\(piped.errors)")
            let received = await read.first { _ in true }
            #expect(received == expected)

            try Data("old".utf8).write(to: folder.appendingPathComponent("real.png"))
            try FileManager.default.createSymbolicLink(atPath: path("link.png"), withDestinationPath: "real.png")
            let linked = try await Program.run(["render", "a.bmp", "link.png"], in: folder)
            #expect(linked.exitCode == 0, "\(linked.errors)")
            #expect(isSymbolicLink("link.png"))
            #expect(try Data(contentsOf: folder.appendingPathComponent("real.png")) == expected)
        }
    }

    @Test func `takes the files that a plan names from where it is told, as the child of a worker does`() async throws {
        try await Program.withFolder { folder in
            func bytes(_ name: String) throws -> Data { try Data(contentsOf: folder.appendingPathComponent(name)) }
            try Picture.bmp(width: 40, height: 30, seed: 7).write(to: folder.appendingPathComponent("a.bmp"))
            try Picture.bmp(width: 8, height: 4, seed: 9).write(to: folder.appendingPathComponent("mark.bmp"))
            let plan = ["--plan", "watermark:logo:top_left", "--file", "logo=mark.bmp"]
            let marked = try await Program.run(["render", "a.bmp", "out.bmp"] + plan, in: folder)
            #expect(marked.exitCode == 0, "\(marked.errors)")
            _ = try await Program.run(["render", "out.bmp", "part.bmp", "--plan", "crop:0:0:8x4"], in: folder)
            _ = try await Program.run(["render", "mark.bmp", "same.bmp"], in: folder)
            #expect(try bytes("part.bmp") == bytes("same.bmp"))

            let child = try await Program.run(["render", "a.bmp", "child.bmp", "--report"] + plan, in: folder)
            #expect(child.exitCode == 0 && child.output.contains("done"), "\(child.output)")
            #expect(try bytes("child.bmp") == bytes("out.bmp"))
        }
    }

    @Test(arguments: [
        ("", 64, "--file logo=PATH"), ("--file mark.bmp", 64, "NAME=PATH"), ("--file other=mark.bmp", 64, "logo"),
        ("--file logo=missing.bmp", 74, "missing.bmp"), ("--file logo=broken.bmp", 65, "the plan's file logo"),
    ])
    func `says which file of a plan will not do`(_ arguments: String, _ code: Int32, _ words: String) async throws {
        try await Program.withFolder { folder in
            let picture = Picture.bmp(width: 8, height: 8, seed: 1)
            for name in ["a.bmp", "mark.bmp"] { try picture.write(to: folder.appendingPathComponent(name)) }
            try picture.prefix(100).write(to: folder.appendingPathComponent("broken.bmp"))
            let ended = try await Program.run(
                ["render", "a.bmp", "out.png", "--plan", "watermark:logo"]
                    + arguments.split(separator: " ").map(String.init), in: folder)
            #expect(ended.exitCode == code && ended.errors.contains(words), "\(ended.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/out.png"))
        }
    }

    @Test(arguments: [
        ("broken.bmp out.png", 65),
        ("missing.bmp out.png", 74),
        ("fine.bmp out.png --plan enhance", 64),
        ("fine.bmp out.png --quality 101", 64),
        ("fine.bmp", 64),
    ])
    func `ends with a code that tells scripts why`(_ arguments: String, _ code: Int32) async throws {
        try await Program.withFolder { folder in
            let picture = Picture.bmp(width: 8, height: 8, seed: 1)
            try picture.write(to: folder.appendingPathComponent("fine.bmp"))
            try picture.prefix(100).write(to: folder.appendingPathComponent("broken.bmp"))
            let words = ["render"] + arguments.split(separator: " ").map(String.init)
            let ended = try await Program.run(words, in: folder)
            #expect(ended.exitCode == code, "\(ended.errors)")
            #expect(!ended.errors.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/out.png"))
        }
    }

    @Test func `describes local files, in words or as JSON`() async throws {
        try await Program.withFolder { folder in
            try Picture.bmp(width: 20, height: 10, seed: 1).write(to: folder.appendingPathComponent("a.bmp"))
            try Data("no picture".utf8).write(to: folder.appendingPathComponent("b.bmp"))
            let told = try await Program.run(["describe", "a.bmp"], in: folder)
            #expect(told.exitCode == 0 && told.output.contains("- Dimensions: 20x10 pixels\n"), "\(told.errors)")
            let some = try await Program.run(["describe", "--json", "b.bmp", "a.bmp"], in: folder)
            #expect(some.exitCode == 65 && some.errors.contains("b.bmp: "))
            let json = try JSONSerialization.jsonObject(with: Data(some.output.utf8)) as? [String: Any]
            #expect(json?["source"] as? String == "measured")
        }
    }
}
