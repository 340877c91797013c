// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Testing

/// Which way things flow: what each target and each kind of file may know.
struct ImportTests {
    /// Parts of Swift and its system that any file may use unless its kind says otherwise.
    private let system: Set = ["Foundation", "Glibc", "Synchronization", "Dispatch"]

    /// A library of the system is known to those only who wrap it.
    private let owners: [String: Set<String>] = [
        "CSodium": ["Secrets", "SealedStore"],
        "CGnuTLS": ["Secrets", "Web"],
        "CCommonPasswords": ["Secrets"],
        "CSQLiteVFS": ["SealedStore"],
        "CMicroHTTPD": ["Web"],
        "CZlib": ["Web"],
        "CSystemd": ["Appliance"],
        "CCurl": ["Carriage"],
        "GRDB": ["SealedStore"],
        "ArgumentParser": ["sluiced", "sluicectl", "sluice-courier"],
    ]

    @Test func `a file imports only what its target declares`() throws {
        let map = try HouseMap.read()
        for file in SourceTree.swift {
            let allowed = try #require(map.dependencies[file.file.target], "\(file.path)")
            for name in file.imports where !allowed.contains(name) && !system.contains(name) {
                Issue.record("\(file.path) imports \(name), which Package.swift does not name")
            }
        }
    }

    @Test func `a library of the system is known to its owner only`() {
        for file in SourceTree.swift {
            for name in file.imports {
                guard let owner = owners[name] else { continue }
                #expect(owner.contains(file.file.target), "\(file.path) imports \(name)")
            }
        }
        let shims = Set(SourceTree.files(below: "Sources/System", ending: "shim.h").map(\.target))
        #expect(shims.subtracting(owners.keys) == [], "a shim without an owner in this table")
    }

    @Test func `the platform does not know the rooms`() throws {
        let map = try HouseMap.read()
        let rooms = Set(map.rooms)
        #expect(rooms.count >= 4)
        for file in SourceTree.swift where file.path.hasPrefix("Sources/Platform/") {
            #expect(rooms.isDisjoint(with: file.imports), "\(file.path)")
        }
    }

    /// What a kind of file of a room may import, besides the rooms that its room asks.
    private let kinds: [String: (platform: Set<String>, asksRooms: Bool)] = [
        "Model": (["Kernel"], true),
        "Rules": (["Kernel"], true),
        "Refusals": (["Kernel"], true),
        "Permissions": (["Kernel"], false),
        "Events": (["Journal", "Kernel"], false),
        // A room that keeps a book gets the book's tables from the Ledger.
        "Schema": (["SealedStore", "Ledger"], false),
        "Store": (["Kernel", "SealedStore"], true),
        // ModuleKit has the site's day and the condition of an edit.
        "Actions": (["Kernel", "SealedStore", "Journal", "Ledger", "ModuleKit"], true),
        // SealedStore for the type of the transaction; that nothing is written here is tested with
        // the SQL.
        "API": (["Kernel", "Web", "ModuleKit", "SealedStore"], true),
        "Jobs": (
            ["Kernel", "SealedStore", "Journal", "Ledger", "Clockwork", "ModuleKit"], true
        ),
        "Module": (["Kernel", "ModuleKit"], true),
    ]

    /// Files that may import more than their kind, and why.
    private let exceptions: [String: (more: Set<String>, reason: String)] = [
        "Access/Gatekeeper.swift": (
            ["Kernel", "SealedStore", "Secrets", "Synchronization"],
            "the one place where a credential is read, and remembered for a second"
        ),
        "Access/Challenges.swift": (
            ["Kernel", "Secrets", "Synchronization"],
            "challenges are made with a key of this process, and each is good for one answer"
        ),
        "Access/NameFolding.swift": (["Foundation"], "ICU knows which names look alike"),
        "Access/Rules/PasswordRules.swift": (["Secrets"], "the list of common passwords"),
        "Access/Rules/RoleTable.swift": (
            ["Synchronization", "ModuleKit"],
            "notes when rights were taken back, counts the hashes, and knows how rows belong"
        ),
        "Access/Actions/Tokens.swift": (["Secrets"], "makes tokens, codes and seeds"),
        "Access/Actions/SignIn.swift": (["Secrets"], "checks passwords"),
        "Access/Actions/SettingUp.swift": (["Secrets"], "compares the set-up code"),
        "Access/Actions/Confirming.swift": (["Secrets"], "checks passwords and one-time codes"),
        "Access/Actions/People.swift": (["Secrets"], "takes the hash of a new user"),
        "Access/Actions/Passwords.swift": (["Secrets"], "hashes passwords"),
        "Access/Actions/Passkeys.swift": (["Secrets"], "checks signatures"),
        "Access/Actions/Enrolling.swift": (["Secrets"], "makes keys and compares proofs"),
        "Access/Rules/TokenRules.swift": (["Secrets"], "the check in an API token is a digest"),
        "Access/API/Credentials.swift": (
            ["Secrets"], "takes the digest of what was signed, and signs the answer"
        ),
        "Access/API/EnrolmentAPI.swift": (["Symbology"], "draws the picture of an enrolment"),
        "Access/API/FactorAPI.swift": (
            ["Secrets", "Symbology"], "writes a seed as text and as a picture"
        ),
        "Access/API/PasskeyAPI.swift": (["Secrets"], "reads and writes bytes as text"),
        "Access/API/PeopleAPI.swift": (["Secrets"], "hands a hash from the slow part to the quick"),
        "Access/API/SessionAPI.swift": (
            ["Secrets"], "hands a hash from the slow part to the quick"
        ),
        "Trust/Model/Model.swift": (["Secrets"], "names and certificates are its values"),
        "Trust/Model/TrustDesk.swift": (
            ["Synchronization"], "what this process serves, told from other threads"
        ),
        "Trust/Rules/NameRules.swift": (["Secrets"], "names are as certificates have them"),
        "Trust/Rules/UploadRules.swift": (["Secrets"], "reads certificates"),
        "Trust/Rules/ProfileRules.swift": (["Secrets"], "writes a certificate as text"),
        "Trust/Store.swift": (["Secrets"], "gives certificates as values"),
        "Trust/Actions/Issuing.swift": (["Secrets"], "makes keys and certificates"),
        "Trust/Actions/Showing.swift": (["Secrets"], "writes certificates as text"),
        "Trust/API/Views.swift": (["Secrets"], "writes names and fingerprints as text"),
        "Scanning/API/ScanAPI.swift": (["Secrets"], "names a scan that came without a name"),
        "Audit/AuditModule.swift": (["Journal"], "is told what all other rooms tell"),
        "Audit/Actions/Watching.swift": (["Web"], "reads facts, which are kept as JSON"),
        "Audit/API/JournalAPI.swift": (
            ["Journal", "Secrets"], "shows what the journal of the platform says"
        ),
        "Audit/API/ExportAPI.swift": (
            ["Journal", "Secrets"], "writes what the journal of the platform says, and its digest"
        ),
        "Catalog/TextDecoding.swift": (["Glibc"], "iconv reads files written in GB 18030"),
        "Catalog/Pinyin.swift": (["Foundation"], "ICU knows how Chinese characters are said"),
    ]

    @Test func `a file of a room imports only what its kind may`() throws {
        let map = try HouseMap.read()
        var unused = Set(exceptions.keys)
        for file in SourceTree.rooms {
            let short = String(file.path.dropFirst("Sources/Modules/".count))
            var allowed = exceptions[short]?.more ?? []
            unused.remove(short)
            if let kind = kinds[RoomFile.kind(of: short)] {
                allowed.formUnion(kind.platform)
                if kind.asksRooms { allowed.formUnion(map.asked[file.file.target] ?? []) }
            } else {
                #expect(exceptions[short] != nil, "\(file.path) is of no known kind")
            }
            for name in file.imports where !allowed.contains(name) {
                Issue.record("\(file.path) imports \(name)")
            }
        }
        #expect(unused == [], "exceptions for files that are not there")
    }

    @Test func `nothing is public, and every file of a room is of a kind`() {
        for file in SourceTree.swift {
            let found = file.places(
                of:
                    "\\b(?:public|open) (?:class|struct|enum|func|let|var|init|import|protocol|extension|actor|static)\\b"
            )
            #expect(found == [])
        }
    }
}

/// What a file of a room is, by its name or its folder.
enum RoomFile {
    /// - Parameter path: below Sources/Modules: `Catalog/Store/ItemStore.swift`.
    static func kind(of path: String) -> String {
        let parts = path.split(separator: "/").map(String.init)
        if parts.count > 2 { return parts[1] }
        let name = String(parts[1].dropLast(".swift".count))
        if name == parts[0] + "Module" { return "Module" }
        return name.hasSuffix("Refusals") ? "Refusals" : name
    }
}

/// Package.swift as the map that it is.
struct HouseMap {
    /// Target → what it may import.
    let dependencies: [String: Set<String>]
    let rooms: [String]
    /// Room → the rooms that it asks.
    let asked: [String: Set<String>]

    static func read() throws -> HouseMap {
        let text = try #require(SourceTree.file(at: "Package.swift")).text
        var dependencies: [String: Set<String>] = [:]
        var asked: [String: Set<String>] = [:]
        for line in finds("\\b((?:platform|program|module)\\(\\s*\"[^)]*\\))", in: text) {
            let names = finds("\"([\\w-]+)\"|\\b(?:argumentParser|grdb)\\b", in: line.text).map {
                $0.text.isEmpty ? "" : $0.text
            }.filter { !$0.isEmpty }
            guard let name = names.first else { continue }
            var known = Set(names.dropFirst())
            if line.text.contains("argumentParser") { known.insert("ArgumentParser") }
            if line.text.contains("grdb") { known.insert("GRDB") }
            if line.text.hasPrefix("module") {
                asked[name] = known
                known.formUnion(roomPlatform(text))
            }
            dependencies[name] = known
        }
        let appliance = finds("name: \"Appliance\",\\s*dependencies: \\[([^\\]]*)\\]", in: text)
        dependencies["Appliance"] = Set(
            finds("\"(\\w+)\"", in: try #require(appliance.first).text).map(\.text))
        return HouseMap(
            dependencies: dependencies, rooms: asked.keys.sorted(), asked: asked)
    }

    /// The platform that every room gets.
    private static func roomPlatform(_ text: String) -> [String] {
        let list = finds("func module[\\s\\S]*?dependencies: \\[([^\\]]*)\\]", in: text).first
        return finds("\"(\\w+)\"", in: list?.text ?? "").map(\.text)
    }
}
