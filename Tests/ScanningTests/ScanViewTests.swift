// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Inventory
import Kernel
import Testing
import Web

@testable import Catalog
@testable import Scanning

struct ScanViewTests {
    private static func view(full: Bool) throws -> ScanView {
        var view = ScanView(
            event: "0192f0c4-7a30-7c11-8f2e-3b5a9d1c6e47", outcome: "accepted", beep: Choice(.ok),
            line: "+ \"tea\" 24", task: Choice(.receive), place: full ? "A-01" : nil)
        guard full else { return view }
        view.item = NamedRef(id: ID(1), code: "TEA", name: "茉莉花茶")
        view.variant = NamedRef(id: ID(2), code: "TEA-R", name: "")
        view.packaging = PackagingRef(
            Packaging(
                id: ID(3), variant: ID(2), level: .case, name: "箱", content: try Ratio(24, 1),
                state: .active))
        view.quantity = try Quantity(decimal: "1.250")
        view.unit = "kg"
        view.balance = Quantity(pieces: 7)
        view.movement = ID(9)
        view.parked = ID(4)
        view.command = CommandView(.times(12))
        return view
    }

    @Test(arguments: [false, true])
    func `the answer written by hand is the answer that the encoder makes`(full: Bool) throws {
        let view = try Self.view(full: full)
        #expect(view.json == (try JSON(encoding: view)).bytes())
        let names = try SchemaProbe.schema(of: ScanView.self).fields.map(\.name).sorted()
        #expect(try JSON(reading: view.json).members.map(\.name) == names)
    }
}
