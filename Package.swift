// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors
//
// The map of the house. Read it from the bottom up: C libraries, the platform that knows no
// business word, the rooms, the appliance that puts them together, and thin programs.
// An arrow only ever points down: a target may use what its own line names, nothing else.

import PackageDescription

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "sluice",
    products: [
        .executable(name: "sluiced", targets: ["sluiced"]),
        .executable(name: "sluicectl", targets: ["sluicectl"]),
        .executable(name: "sluice-courier", targets: ["sluice-courier"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    ],
    targets: [
        // C libraries of the system.
        shim("CSQLiteVFS", apt: "libsqlite3-dev", pkgConfig: "sqlite3"),
        shim("CSodium", apt: "libsodium-dev", pkgConfig: "libsodium"),
        shim("CMicroHTTPD", apt: "libmicrohttpd-dev", pkgConfig: "libmicrohttpd"),
        shim("CZlib", apt: "zlib1g-dev", pkgConfig: "zlib"),
        shim("CCurl", apt: "libcurl4-gnutls-dev", pkgConfig: "libcurl"),
        shim("CSystemd", apt: "libsystemd-dev", pkgConfig: "libsystemd"),
        shim("CGnuTLS", apt: "libgnutls28-dev", pkgConfig: "gnutls"),
        // Our own list, as bytes in the program: nothing to read, nothing to lose.
        .target(
            name: "CCommonPasswords", path: "Sources/System/CCommonPasswords",
            exclude: ["common-passwords.bin", "make_list.py", "zxcvbn-LICENSE.txt"]),

        // The platform: no business word below this line.
        platform("Kernel"),
        platform("Symbology"),
        platform("Secrets", on: ["CSodium", "CGnuTLS", "CCommonPasswords"]),
        platform("SealedStore", on: ["Kernel", "CSQLiteVFS", "CSodium", grdb]),
        platform("Journal", on: ["Kernel", "SealedStore", "Secrets"]),
        platform("Ledger", on: ["Kernel", "SealedStore"]),
        platform("Web", on: ["Kernel", "Secrets", "CGnuTLS", "CMicroHTTPD", "CZlib"]),
        platform("Clockwork", on: ["Kernel", "SealedStore", "Journal"]),
        platform("Errands", on: ["Kernel", "Web"]),
        platform("Outbox", on: ["Kernel", "SealedStore", "Journal", "Errands", "Web", "Secrets"]),
        platform("Carriage", on: ["Errands", "Secrets", "CCurl"]),
        platform(
            "ModuleKit",
            on: ["Kernel", "SealedStore", "Journal", "Clockwork", "Web", "Secrets"]),

        // The rooms: each asks only those named, and hears only those it may ask.
        // A device is enrolled by a picture, and codes go to telephones by an errand.
        module("Access", asks: ["Symbology", "Errands", "Outbox"]),
        module("Catalog", asks: []),
        module("Inventory", asks: ["Catalog"]),
        module("Scanning", asks: ["Catalog", "Inventory"]),
        // Its targets may lie on other machines, so it knows errands, too.
        module("Backup", asks: ["Inventory", "Errands", "Outbox"]),
        module("Trust", asks: ["Symbology"]),
        module("Audit", asks: ["Access"]),

        // The appliance and its programs.
        .target(
            name: "Appliance",
            dependencies: [
                "Kernel", "Secrets", "SealedStore", "Journal", "Ledger", "Web", "Clockwork",
                "ModuleKit", "Access", "Catalog", "Inventory", "Scanning", "Backup", "Trust",
                "Audit", "CSystemd", "Errands", "Outbox",
            ],
            path: "Sources/Appliance", swiftSettings: House.settings),
        program("sluiced", on: ["Appliance", "Kernel", argumentParser]),
        program(
            "sluicectl",
            on: [
                "Appliance", "Kernel", "SealedStore", "Errands", "Outbox", "Secrets",
                argumentParser,
            ]),
        // The one that connects to others: no store, no keys.
        program(
            "sluice-courier", on: ["Carriage", "Errands", "Secrets", "Web", argumentParser]),

        // The tests, one target a room, and those that every room inherits.
        .target(
            name: "TestKit",
            dependencies: [
                "Kernel", "SealedStore", "Journal", "Ledger", "Web", "Clockwork", "ModuleKit",
                "Access", "Catalog", "Inventory", "Scanning", "Backup", "Trust", "Audit",
                "Appliance", "Outbox",
            ],
            path: "Tests/TestKit", swiftSettings: House.settings),
        .executableTarget(
            name: "store-crash", dependencies: ["Kernel", "SealedStore"],
            path: "Tests/StoreCrash", swiftSettings: House.settings),
        .executableTarget(
            name: "spool-cost", dependencies: ["Kernel", "SealedStore"],
            path: "Tests/SpoolCost", swiftSettings: House.settings),
        .executableTarget(
            name: "rotate-crash", dependencies: ["Appliance"],
            path: "Tests/RotateCrash", swiftSettings: House.settings),
        .executableTarget(
            name: "restore-crash", dependencies: ["Appliance", "SealedStore"],
            path: "Tests/RestoreCrash", swiftSettings: House.settings),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Kernel", "Secrets", "SealedStore", "Web", "Errands", "Access", "Catalog",
                "Scanning",
            ],
            path: "Tests/FuzzTargets", swiftSettings: House.settings),
        tests("FuzzTests", on: ["FuzzTargets"]),
        tests("KernelTests", on: ["Kernel"]),
        tests("SecretsTests", on: ["Secrets"]),
        tests("SymbologyTests", on: ["Symbology"]),
        .executableTarget(
            name: "store-fault",
            dependencies: [
                "Kernel", "SealedStore", "Journal", "Ledger", "Backup", "Appliance", "CSQLiteVFS",
            ],
            path: "Tests/StoreFault", swiftSettings: House.settings),
        tests(
            "SealedStoreTests",
            on: ["Kernel", "SealedStore", "CSQLiteVFS", "store-crash", "store-fault"]),
        tests("JournalTests", on: ["Kernel", "SealedStore", "Journal", "TestKit"]),
        tests("LedgerTests", on: ["Kernel", "SealedStore", "Ledger", "TestKit"]),
        tests("WebTests", on: ["Kernel", "Web", "Secrets"]),
        tests("ClockworkTests", on: ["Kernel", "SealedStore", "Journal", "Clockwork", "TestKit"]),
        tests("ErrandsTests", on: ["Kernel", "Web", "Errands", "TestKit"]),
        tests(
            "OutboxTests",
            on: ["Kernel", "SealedStore", "Journal", "Web", "Errands", "Outbox", "TestKit"]),
        tests("CarriageTests", on: ["Errands", "Carriage", "TestKit"]),
        tests(
            "AccessTests",
            on: House.roomTests + [
                "Access", "Appliance", "Secrets", "CSodium", "Errands", "Outbox",
            ]),
        tests(
            "AuditTests",
            on: House.roomTests + ["Access", "Audit", "Appliance", "Clockwork", "Secrets"]),
        tests("CatalogTests", on: House.roomTests + ["Catalog"]),
        tests("InventoryTests", on: House.roomTests + ["Catalog", "Inventory", "Ledger"]),
        tests("ScanningTests", on: House.roomTests + ["Catalog", "Inventory", "Scanning"]),
        tests(
            "BackupTests",
            on: House.roomTests + [
                "Catalog", "Inventory", "Backup", "Clockwork", "Appliance", "Errands", "Outbox",
            ]),
        tests("TrustTests", on: House.roomTests + ["Trust", "Secrets", "Appliance", "Clockwork"]),
        tests(
            "ContractTests",
            on: House.roomTests + [
                "Access", "Audit", "Catalog", "Inventory", "Scanning", "Appliance", "Clockwork",
                "Ledger", "Errands", "Outbox", "Secrets", "Trust",
            ]),
        tests(
            "JourneyTests",
            on: House.roomTests + [
                "Access", "Catalog", "Inventory", "Scanning", "Appliance", "Errands", "Outbox",
                "Secrets", "sluiced", "sluicectl", "sluice-courier", "rotate-crash",
                "restore-crash",
            ]),
    ] + House.fuzzing
)

enum House {
    /// Needs a compiler run with `--sanitize=fuzzer`, so it is there for `make fuzz` only.
    static var fuzzing: [Target] {
        guard Context.environment["SLUICE_FUZZ"] != nil else { return [] }
        return [
            .executableTarget(
                name: "sluice-fuzz", dependencies: ["FuzzTargets"],
                path: "Tests/FuzzDriver", swiftSettings: settings)
        ]
    }

    /// Settings of every Swift target.
    static let settings: [SwiftSetting] = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("ExistentialAny"),
        .treatAllWarnings(as: .error),
    ]

    /// What the tests of a room may use besides the room itself.
    static let roomTests: [Target.Dependency] = [
        "Kernel", "SealedStore", "Journal", "Web", "ModuleKit", "TestKit",
    ]
}

/// A C library of the system: a module map and one header.
func shim(_ name: String, apt: String, pkgConfig: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/System/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// A target that knows nothing of distribution.
func platform(_ name: String, on dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/Platform/\(name)",
        swiftSettings: House.settings)
}

/// A room of the business. `asks` are the rooms that it calls; the platform comes with it.
func module(_ name: String, asks: [Target.Dependency]) -> Target {
    .target(
        name: name,
        dependencies: [
            "Kernel", "Secrets", "SealedStore", "Journal", "Ledger", "Web", "Clockwork",
            "ModuleKit",
        ] + asks,
        path: "Sources/Modules/\(name)", swiftSettings: House.settings)
}

/// A program: a few lines over the appliance.
func program(_ name: String, on dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Sources/Programs/\(name)",
        swiftSettings: House.settings)
}

/// A target of tests.
func tests(_ name: String, on dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: House.settings
    )
}
