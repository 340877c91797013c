// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import TestKit
import Web

/// Goods in a running house, made over its control socket.
struct Shop {
    let variant: String
    let item: String
    let bin: String
    let barcode = "6901234567892"
    /// Credentials of a device that scans.
    let device: (String, String)

    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    /// Makes a warehouse with one bin, an item with a barcode and a device.
    init(_ daemon: Daemon, itemName: String = "Jasmine tea") throws {
        let line = try daemon.control()
        func made(_ target: String, _ json: String) throws -> JSON {
            let answer = try line.ask("POST", target, json: json)
            guard answer.status < 300 else { throw Refused(description: answer.text) }
            return answer.json
        }
        _ = try made("/api/v1/warehouses", #"{"code":"MAIN","name":"Main","firstBin":"A-01"}"#)
        let item = try made(
            "/api/v1/items",
            """
            {"code":"TEA","name":"\(itemName)","baseUnit":"pcs","scale":0,
            "tracking":{"lot":false,"expiry":false,"serial":false}}
            """)
        let part = item["variants"]?[0]
        self.item = item["id"]?.text ?? ""
        variant = part?["id"]?.text ?? ""
        let packaging = part?["packagings"]?[0]?["id"]?.text ?? ""
        _ = try made("/api/v1/packagings/\(packaging)/codes", #"{"code":"\#(barcode)"}"#)
        let places = try line.ask("GET", "/api/v1/places")
        bin = places.json["items"]?[0]?["id"]?.text ?? ""
        let added = try made("/api/v1/devices", #"{"name":"Dock 1"}"#)
        device = ("Authorization", "Bearer \(added["token"]?.text ?? "")")
    }

    func receive(_ count: Int, _ daemon: Daemon) throws {
        let answer = try daemon.control().ask(
            "POST", "/api/v1/stock/movements",
            json:
                #"{"kind":"receive","variant":"\#(variant)","count":"\#(count)","place":"\#(bin)"}"#
        )
        guard answer.status == 201 else { throw Refused(description: answer.text) }
    }

    func scan(_ task: String, event: String, count: Int = 1) -> String {
        """
        {"event":"\(event)","task":"\(task)","place":"A-01","code":"\(barcode)","count":"\(count)"}
        """
    }

    func level(_ daemon: Daemon) throws -> Int? {
        let answer = try daemon.control().ask("GET", "/api/v1/stock/level?variant=\(variant)")
        return answer.json["quantity"]?.text.flatMap { Int($0) }
    }
}

/// Whether everything adds up, and how many rows each check went over.
func verification(_ daemon: Daemon) throws -> (ok: Bool, rows: [String: Int64]) {
    let answer = try daemon.control().ask("POST", "/api/v1/verification", json: "{}")
    let rows = (answer.json["checks"]?.elements ?? []).map {
        ($0["name"]?.text ?? "", $0["rows"]?.integer ?? -1)
    }
    return (answer.json["ok"]?.flag == true, Dictionary(uniqueKeysWithValues: rows))
}
