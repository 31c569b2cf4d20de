import Jobs
import MySQLBackend
import SQLBackend
import TestServers
import Testing

@Suite struct `A MySQL address` {
    @Test(arguments: ["mysql", "mariadb", "mysql+pymysql", "mysql+mysqldb", "mysql+aiomysql", "MySQL"])
    func `may name any driver`(_ scheme: String) throws {
        let address = try MySQLAddress("\(scheme)://ann:secret@db.example:3307/pictures")
        #expect(address.host == "db.example")
        #expect(address.port == 3307)
        #expect(address.user == "ann")
        #expect(address.password == "secret")
        #expect(address.database == "pictures")
        #expect(address.tls.mode == .preferred)
    }

    @Test func `has its parts decoded, and defaults`() throws {
        let address = try MySQLAddress("mysql://a%40b:p%2Fq%3A%23%20@[::1]/x?charset=utf8mb4")
        #expect(address.host == "::1")
        #expect(address.port == 3306)
        #expect(address.user == "a@b")
        #expect(address.password == "p/q:# ")
        #expect(address.database == "x")
    }

    @Test(arguments: [
        ("ssl-mode=REQUIRED", MySQLTLS.Mode.required), ("ssl_mode=verify_identity", .verifyIdentity),
        ("ssl-mode=disabled", .disabled), ("ssl_ca=/a/ca.pem", .verifyIdentity),
        ("ssl-ca=/a/ca.pem&ssl-mode=VERIFY_CA", .verifyCA),
    ])
    func `says how far the wire is trusted`(_ query: String, _ mode: MySQLTLS.Mode) throws {
        #expect(try MySQLAddress("mysql://db.example/x?\(query)").tls.mode == mode)
    }

    @Test(arguments: [
        "postgresql://db.example/x", "mysql://db.example", "mysql://db.example/", "mysql://db.example/x/y",
        "mysql://db.example/x?ssl-mode=MAYBE", "mysql://db.example/x?ssl-mode=VERIFY_CA",
        "mysql://db.example/x?tls_verify=1", "db.example/x",
    ])
    func `is refused where it says nothing that can be done`(_ url: String) {
        #expect(throws: InvalidMySQLAddress.self) { try MySQLAddress(url) }
    }
}

@Suite struct `TLS to a MySQL server` {
    @Test(arguments: [MySQLTLS.Mode.disabled, .preferred, .required])
    func `is used as the address says`(_ mode: MySQLTLS.Mode) async throws {
        try await MySQLServer.withDatabase { address in
            var address = address
            address.tls.mode = mode
            let database = MySQLDatabase(address, limits: .long)
            let cipher = try await database.read { connection in
                try connection.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'", with: [])[0].values[1]
            }
            #expect((cipher == .text("")) == (mode == .disabled))
        }
    }

    @Test func `is used by a user whom the server lets in with it alone`() async throws {
        var address = try MySQLServer.address()
        address.user = "test_ssl"
        #expect(try await MySQLDatabase(address, limits: .long).value("SELECT 1") == .integer(1))
        address.tls.mode = .disabled
        let insecure = MySQLDatabase(address, limits: .long)
        await expectUnavailable(within: .seconds(20)) { _ = try await insecure.value("SELECT 1") }
    }

    @Test(arguments: [MySQLTLS.Mode.verifyCA, .verifyIdentity])
    func `trusts only the authorities that the address names`(_ mode: MySQLTLS.Mode) async throws {
        var address = try MySQLServer.address()
        address.tls.mode = mode
        address.tls.authorities = try MySQLServer.variable("TEST_TLS_CA")
        #expect(try await MySQLDatabase(address, limits: .long).value("SELECT 1") == .integer(1))
        address.tls.authorities = try MySQLServer.variable("TEST_TLS_OTHER_CA")
        let deceived = MySQLDatabase(address, limits: .long)
        await #expect(throws: JobStoreError.self) { try await deceived.value("SELECT 1") }
    }
}
