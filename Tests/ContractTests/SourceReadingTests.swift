// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Testing

/// The reader of sources that the other tests stand on.
struct SourceReadingTests {
    @Test func `code is told from comments and texts`() {
        let swift = SwiftText(
            """
            let a = "SELECT // no comment" // Double
            /* try! */ let b = 1.5
            let c = "x \\(d ?? "Float") y" + \"\"\"
                UPDATE "t" SET
                \"\"\"
            let e = #"{"f":"\\#(g)"}"#; h!
            """)
        #expect(
            swift.literals.map(\.text) == [
                "SELECT // no comment", "Float", "x {} y", "\n    UPDATE \"t\" SET\n    ",
                "{\"f\":\"{}\"}",
            ])
        #expect(swift.literals.map(\.line) == [1, 3, 3, 3, 6])
        for word in ["let a", "let b = 1.5", "d ?? ", "let e", "g", "h!"] {
            #expect(swift.code.contains(word), "\(word)")
        }
        for word in ["SELECT", "Double", "try!", "Float", "UPDATE"] {
            #expect(!swift.code.contains(word), "\(word)")
        }
        #expect(swift.code.split(separator: "\n", omittingEmptySubsequences: false).count == 6)
    }

    @Test func `a file of a room is of the kind that its name or folder says`() {
        #expect(RoomFile.kind(of: "Catalog/Store/ItemStore.swift") == "Store")
        #expect(RoomFile.kind(of: "Catalog/ImportRefusals.swift") == "Refusals")
        #expect(RoomFile.kind(of: "Catalog/CatalogModule.swift") == "Module")
        #expect(RoomFile.kind(of: "Catalog/Pinyin.swift") == "Pinyin")
    }

    @Test func `the map of the house is read`() throws {
        let map = try HouseMap.read()
        #expect(map.asked["Scanning"] == ["Catalog", "Inventory"])
        #expect(map.dependencies["Kernel"] == [])
        #expect(map.dependencies["SealedStore"]?.contains("GRDB") == true)
        #expect(
            map.dependencies["Inventory"]?.isSuperset(of: ["Catalog", "Ledger", "Web"]) == true)
        #expect(map.dependencies["sluicectl"]?.contains("ArgumentParser") == true)
        #expect(map.dependencies["Appliance"]?.contains("CSystemd") == true)
    }

    @Test func `a match knows its line`() {
        let found = finds("(b+)", in: "a\nb\n\nabb")
        #expect(found.map(\.line) == [2, 4])
        #expect(found.map(\.text) == ["b", "bb"])
    }
}
