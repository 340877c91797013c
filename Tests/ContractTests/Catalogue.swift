// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Kernel
import Ledger
import ModuleKit
import SealedStore
import Testing
import Web

@testable import Appliance

/// Every "no" of the house.
enum Catalogue {
    /// Refusals of the platform and the appliance; those of the rooms are in their front doors.
    static let platform: [any Refusal.Type] = [
        AccessRefusal.self, PageRefusal.self, ArithmeticRefusal.self, LifecycleRefusal.self,
        TimeRefusal.self, LedgerRefusal.self, StoreRefusal.self, WebRefusal.self,
        KitRefusal.self, SystemRefusal.self, ErrandRefusal.self,
    ]

    static let types = platform + allModules().modules.flatMap(\.refusals)

    /// Codes by name.
    static let all: [RefusalCode] = types.flatMap { $0.catalogue }.sorted { $0.code < $1.code }

    /// Codes that any endpoint may answer, without naming them.
    static let general: Set<String> = {
        let types: [any Refusal.Type] = [
            AccessRefusal.self, PageRefusal.self, StoreRefusal.self, WebRefusal.self,
            KitRefusal.self,
        ]
        return Set(types.flatMap { $0.catalogue }.map(\.code))
    }()
}

struct CatalogueTests {
    @Test func `every refusal type of the sources is in the catalogue`() {
        let known = Set(Catalogue.types.map { "\($0)" })
        let declared = SourceTree.swift.flatMap { file in
            finds("(?:enum|struct) (\\w+): Refusal\\b", in: file.swift.code).map(\.text)
        }
        #expect(declared.count > 10)
        #expect(Set(declared) == known)
    }

    @Test func `codes are unique, and words of one form`() {
        let codes = Catalogue.all.map(\.code)
        #expect(Set(codes).count == codes.count)
        for code in codes {
            #expect(!finds("^[a-z0-9]+(?:_[a-z0-9]+)*\\.[a-z0-9_]+$", in: code).isEmpty, "\(code)")
        }
    }

    @Test func `every code that a refusal type can give is in its own catalogue`() {
        for file in SourceTree.swift {
            let types = finds("(?:enum|struct) (\\w+): Refusal\\b", in: file.swift.code)
            guard types.count == 1,
                let type = Catalogue.types.first(where: { "\($0)" == types[0].text })
            else { continue }
            // Cases that answer with a literal: `case .unknown: "item.unknown"`.
            let given = finds(
                "case \\.[^:\\n]*:\\s*\"([a-z0-9_]+\\.[a-z0-9_]+)\"", in: file.file.text)
            let known = Set(type.catalogue.map(\.code))
            for one in given { #expect(known.contains(one.text), "\(file.path):\(one.line)") }
        }
    }
}
