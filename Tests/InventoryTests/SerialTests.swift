// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Kernel
import SealedStore
import TestKit
import Testing
import Web

@testable import Inventory

@Suite struct SerialTests {
    private func drill() throws -> (TestHouse, Goods, ID<Place>, ID<Place>) {
        let house = try TestHouse()
        let goods = try house.goods(
            "DRILL", tracking: Tracking(lot: false, expiry: false, serial: true))
        return (house, goods, try house.bin("A-01"), try house.bin("A-02"))
    }

    @Test func `a serial is in one place only, and its refusal names the place`() throws {
        let (house, drill, here, there) = try drill()
        try house.receive("1", of: drill, at: here, serial: "S1")
        #expect(throws: StockRefusal.serialOnHand(serial: "S1", place: "A-01")) {
            try house.receive("1", of: drill, at: there, serial: "S1")
        }
        #expect(
            try house.refusal { try house.ship("1", of: drill, from: there, serial: "S1") }
                == "stock.insufficient")
        try house.ship("1", of: drill, from: here, serial: "S1")
        try house.receive("1", of: drill, at: there, serial: "S1")
        #expect(try house.level(of: drill, at: there) == "1")
    }

    @Test func `where a serial is, nobody is told who may not see the place`() throws {
        let (house, drill, here, _) = try drill()
        try house.receive("1", of: drill, at: here, serial: "S1")
        let other = try house.send(
            .post, "/api/v1/warehouses", json: #"{"code":"N","name":"North","firstBin":"N-01"}"#)
        #expect(other.status == 201)
        let bin = try #require(
            try house.store.read {
                try place(code: "N-01", within: .everything, in: $0)
            })
        let north = Caller(
            actor: .user(9), name: "North", permissions: [],
            scope: .warehouses([try #require(bin.warehouse).raw]), language: .en)
        #expect(throws: StockRefusal.serialElsewhere(serial: "S1")) {
            try house.store.write { [variant = drill.variant] tx in
                _ = try Inventory.move(
                    MovementDraft(
                        kind: .receive, variant: variant,
                        count: try Quantity(decimal: "1"), place: bin.id, serial: "S1"), by: north,
                    in: tx)
            }
        }
    }

    @Test func `taking a shipment back cannot make two of one serial`() throws {
        let (house, drill, here, there) = try drill()
        try house.receive("1", of: drill, at: here, serial: "S1")
        let shipment = try house.ship("1", of: drill, from: here, serial: "S1")
        try house.receive("1", of: drill, at: there, serial: "S1")
        #expect(try house.refusal { _ = try house.reverse(shipment) } == "stock.serial_on_hand")
        try house.ship("1", of: drill, from: there, serial: "S1")
        _ = try house.reverse(shipment)
        #expect(try house.level(of: drill, at: here) == "1")
        #expect(try house.level(of: drill, at: there) == "0")
    }

    @Test func `a serial number belongs to its item`() throws {
        let (house, drill, here, there) = try drill()
        let saw = try house.goods(
            "SAW", tracking: Tracking(lot: false, expiry: false, serial: true))
        try house.receive("1", of: drill, at: here, serial: "S1")
        try house.receive("1", of: saw, at: there, serial: "S1")
        #expect(try house.level(of: saw, at: there) == "1")
    }

    /// é as one character and as e with an accent are equal to Swift and two serials to the books.
    @Test func `serials of other bytes are other things`() throws {
        let (house, drill, here, there) = try drill()
        try house.receive("1", of: drill, at: here, serial: "caf\u{E9}")
        try house.ship("1", of: drill, from: here, serial: "caf\u{E9}")
        try house.receive("1", of: drill, at: here, serial: "caf\u{E9}")
        try house.receive("1", of: drill, at: there, serial: "cafe\u{301}")
        let units = try house.store.read {
            try $0.integer("SELECT count(*) FROM stock_balance WHERE outside = 0 AND amount = 1")
        }
        #expect(units == 2)
        try house.ship("1", of: drill, from: there, serial: "cafe\u{301}")
    }
}
