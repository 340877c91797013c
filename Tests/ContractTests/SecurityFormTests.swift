// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Testing
import Web

/// Rules of security that can be read from the text of the sources, and from what endpoints say.
struct SecurityFormTests {
    /// Keys, data, components and outward connections, as they are written down for people.
    private let inventory: String
    private let scripts = SourceTree.files(below: "www", ending: ".js")

    init() throws { inventory = try #require(SourceTree.file(at: "docs/inventories.md")).text }

    /// Records places of a pattern in the code of the daemon, but in those files.
    private func forbid(_ pattern: String, but allowed: Set<String> = []) {
        var used: Set<String> = []
        for file in SourceTree.swift {
            let places = file.places(of: pattern)
            if allowed.contains(file.path) {
                if !places.isEmpty { used.insert(file.path) }
            } else {
                #expect(places == [])
            }
        }
        #expect(used == allowed, "what needs no exception any more has none")
    }

    @Test func `no secret can stand in an address`() throws {
        let names: Set = ["password", "token", "secret", "ticket", "credential", "cookie"]
        for endpoint in try Probe().endpoints {
            let fields = (endpoint.parameters?.fields ?? []) + (endpoint.query?.fields ?? [])
            for field in fields {
                #expect(!names.contains(field.name.lowercased()), "\(endpoint.name)")
                guard case .text(let rule) = field.schema.shape else { continue }
                #expect(rule.format != Secret.rule.format, "\(endpoint.name): \(field.name)")
            }
        }
    }

    @Test func `programs are started in one place, without a shell`() {
        forbid(
            "\\b(Process\\(\\)|Process\\.run|posix_spawnp?\\(|popen\\(|exec[lv][pe]*\\(|vfork\\()",
            // The courier beside a daemon that runs without systemd: its path and options are ours.
            but: ["Sources/Appliance/Courier/CourierChild.swift"])
        for file in SourceTree.swift {
            let shells = file.swift.literals.filter {
                $0.text.hasSuffix("/sh") || $0.text.hasSuffix("/bash")
            }
            #expect(shells.map { "\(file.path): \($0.text)" } == [])
        }
    }

    @Test func `nothing that came is read as a pattern, a template, XML or an object`() {
        forbid(
            """
            \\b(NSRegularExpression|Regex|NSPredicate|NSExpression|XMLParser|XMLDocument|\
            NSKeyedUnarchiver|NSUnarchiver|PropertyListSerialization|PropertyListDecoder|\
            JSONDecoder|dlopen|NSClassFromString|printf|NSLog)\\b
            """)
    }

    @Test func `what must not be guessed comes from libsodium's generator`() {
        forbid(
            "(\\.random\\(|\\.randomElement\\(|SystemRandomNumberGenerator|drand48|\\brand\\()",
            but: [
                // Goods to practise with.
                "Sources/Appliance/Demo/Dice.swift", "Sources/Appliance/Demo/DemoPlan.swift",
                // Numbers that are told apart and keep nothing shut.
                "Sources/Platform/Outbox/Hatch.swift", "Sources/Platform/Web/RequestNumber.swift",
                "Sources/Platform/SealedStore/Sealing/Disk.swift",
                "Sources/Programs/sluicectl/ControlClient.swift",
                // Which groups of a recovery key are asked back.
                "Sources/Programs/sluicectl/Keys.swift",
                // A function of that name, over libsodium.
                "Sources/Platform/SealedStore/Keys/KeyFile.swift",
            ])
    }

    @Test func `every algorithm in use is in the inventory`() {
        let headers = SourceTree.files(below: "Sources/System", ending: ".h").map(\.text)
        let texts = SourceTree.swift.map(\.swift.code) + headers
        let pattern = """
            \\b(crypto_(?:aead_[a-z0-9]+|auth_[a-z0-9]+|box_[a-z0-9]+|generichash|hash_[a-z0-9]+|\
            kdf|pwhash|secretbox|sign|stream_[a-z0-9]+)|\
            GNUTLS_(?:MAC|SIGN|DIG|PK|ECC_CURVE|CIPHER|KX)_[A-Z0-9_]+)
            """
        let found = Set(texts.flatMap { finds(pattern, in: $0) }.map(\.text))
        #expect(found.count >= 6)
        for one in found.sorted() {
            #expect(inventory.contains("`\(one)`"), "\(one)")
        }
    }

    @Test func `every library is in the inventory, with where it comes from`() throws {
        let map = try #require(SourceTree.file(at: "Package.swift")).text
        let packages = finds("\\.package\\(url: \"([^\"]+)\"", in: map).map(\.text)
        let versions = finds("exact: \"([^\"]+)\"", in: map).map(\.text)
        let system = finds("shim\\(\"\\w+\", apt: \"([^\"]+)\"", in: map).map(\.text)
        #expect(packages.count == versions.count, "every package has an exact version")
        #expect(packages.count >= 2 && system.count >= 7)
        for one in packages + versions + system {
            #expect(inventory.contains(one), "\(one)")
        }
    }

    @Test func `nothing believes what a proxy says of the sender`() {
        let names: Set = [
            "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded", "x-real-ip",
            "x-client-ip", "true-client-ip", "x-user-id", "via",
        ]
        for file in SourceTree.swift {
            let found = file.swift.literals.filter { names.contains($0.text.lowercased()) }
            #expect(found.map { "\(file.path): \($0.text)" } == [])
        }
    }

    @Test func `a cookie is made in one place`() {
        let places = SourceTree.swift.filter { file in
            file.swift.literals.contains { $0.text.lowercased() == "set-cookie" }
        }
        #expect(places.map(\.path) == ["Sources/Modules/Access/API/Credentials.swift"])
    }

    @Test func `no key and no token stands in the files of the house`() {
        let pattern = """
            (-----BEGIN [A-Z ]*PRIVATE KEY-----\\s*[A-Za-z0-9+/=]{32,}|\\bAKIA[0-9A-Z]{16}\\b|\
            \\bsl[a-z]_[0-9A-HJKMNP-TV-Z]{40,}\\b|\\bgh[pousr]_[A-Za-z0-9]{30,})
            """
        let files = ["Sources", "www", "docs", "systemd", "packaging"].flatMap { folder in
            [".swift", ".h", ".c", ".js", ".html", ".json", ".md", ".sh", ".service", ".py"]
                .flatMap { SourceTree.files(below: folder, ending: $0) }
        }
        #expect(files.count > 300)
        for file in files {
            #expect(finds(pattern, in: file.text).map { "\(file.path):\($0.line)" } == [])
        }
    }

    @Test func `what a screen keeps in the browser is written down`() {
        let stores = "\\b(localStorage|sessionStorage|indexedDB|caches)\\b(?!['\"])"
        var kept = 0
        for script in scripts where !finds(stores, in: script.text).isEmpty {
            let names = finds("'(sluice(?:[.-][a-z]+)*)'", in: script.text).map(\.text)
            #expect(!names.isEmpty, "\(script.path)")
            for name in names {
                kept += 1
                #expect(inventory.contains("`\(name)`"), "\(script.path): \(name)")
            }
        }
        #expect(kept >= 5)
        for script in scripts {
            #expect(finds("document\\.cookie", in: script.text).isEmpty, "\(script.path)")
        }
    }

    @Test func `no window listens to another, and no object grows by a name that came`() {
        let windows = """
            ((?:window|parent|opener|top|self|contentWindow)\\??\\.postMessage|\
            (?:window\\.)?(?<![\\w.])addEventListener\\(\\s*['\"]message['\"]|window\\.onmessage|\
            window\\.open\\(|document\\.domain)
            """
        let objects = """
            (__proto__|Object\\.assign\\(|Object\\.setPrototypeOf|\\bfor \\((?:const|let|var) \\w+ in )
            """
        for script in scripts {
            #expect(finds(windows, in: script.text).map(\.text) == [], "\(script.path)")
            #expect(finds(objects, in: script.text).map(\.text) == [], "\(script.path)")
        }
    }

    @Test func `passwords are typed masked, and every screen has the way out`() throws {
        let kit = try #require(SourceTree.file(at: "www/kit/shell.js")).text
        #expect(kit.contains("t('action.signOut')"))
        var seen = 0
        let field = "field\\('(?:password|current|new|secretKey)', t\\([^)]*\\), \\{([^}]*)"
        for script in scripts {
            for options in finds(field, in: script.text) {
                seen += 1
                #expect(options.text.contains("type: 'password'"), "\(script.path)")
                // Helpers of browsers fill in and propose.
                #expect(!options.text.contains("autocomplete: 'off'"), "\(script.path)")
            }
            #expect(finds("onpaste|'paste'", in: script.text).isEmpty, "\(script.path)")
        }
        #expect(seen >= 6)
    }
}
