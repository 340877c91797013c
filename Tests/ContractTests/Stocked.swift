// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Clockwork
import Errands
import Kernel
import ModuleKit
import Outbox
import SealedStore
import TestKit
import Testing
import Web

@testable import Access

/// A probe with one of everything in it, and somebody of every role.
struct Stocked: Sendable {
    let probe: Probe
    /// Role or "device" → who sends.
    let people: [String: Probe.Sender]

    /// Made once: hashing takes its time on purpose.
    static let password = "harbour crane nine"
    static let hash = try? hashed(password, unlike: [])

    init() throws {
        let probe = try Probe()
        self.probe = probe
        let hash = try #require(Self.hash)
        var people: [String: Probe.Sender] = [:]
        for (name, role) in [("ada", ShippedRole.owner), ("wen", .receiver), ("vera", .support)] {
            let token = try probe.store.write { tx in
                if role == .owner {
                    try tx.setSite(Site(name: "Northbank", timeZone: "Asia/Shanghai"))
                }
                let user = try addUser(
                    name: name, password: hash, language: .en, by: TestHouse.root, in: tx)
                _ = try give(
                    GrantDraft(user: user.id, role: Role(role)), accepting: true,
                    probe.house.gate.roles, by: TestHouse.root, in: tx)
                let visitor = Visitor(address: "local", agent: "", laneToken: nil)
                return try comeIn(user, .password, visitor, in: tx).token
            }
            people[role.rawValue] = .session(token)
        }
        let added = try probe.send(Call(.post, "/api/v1/devices", json: #"{"name":"Gun"}"#))
        let device = Probe.Sender.device(try #require(added.json["token"]?.text))
        people["device"] = device
        self.people = people
        for (path, json) in Self.story { try probe.make(path, json) }
        try probe.make(
            "backups/targets", #"{"name":"Shelf","kind":"folder","place":"\#(probe.shelf)"}"#)
        var file = Call(.post, "/api/v1/item-imports").keyed()
        file.mediaType = "text/csv"
        file.body = Array(Self.file.utf8)
        #expect(try probe.send(file).status == 201)
        try probe.store.write { tx in
            for object in ["one", "two"] {
                let work = Errand.Work.delete(object: try ObjectName(object))
                try enqueue(Errand(target: Self.target, work: work), in: tx)
            }
        }
        // An administrator is new: a finding.
        let watch = probe.house.modules.flatMap(\.jobs).first { $0.name == "audit.watch" }
        probe.house.timekeeper.run(try #require(watch))
        // A device's first use is noted behind its answer; let that be over.
        _ = try probe.send(Call(.get, "/api/v1/session"), as: device)
        _ = probe.house.listeners.deliverAll()
        _ = try probe.store.write { try $0.integer("SELECT 1") }
    }

    /// A new session of somebody.
    func session(of id: Int64) throws -> Probe.Sender {
        let token = try probe.store.write { tx in
            guard let user = try tx.user(ID(id)) else { throw DoorRefusal.userUnknown }
            let visitor = Visitor(address: "local", agent: "", laneToken: nil)
            return try comeIn(user, .password, visitor, in: tx).token
        }
        return .session(token)
    }

    private static let target = ErrandTarget(
        name: "off-site",
        place: .s3(
            ErrandTarget.Bucket(
                endpoint: "https://s3.example.org", bucket: "box-backups", prefix: "",
                region: "eu-central-1", accessKey: "AKIABOX", secretKey: SecretText("secret"),
                pathStyle: true)))

    static let file = """
        item_code,item_name,base_unit,packaging_level,packaging_name,content,barcode
        FILE-1,Tea,pcs,base,,1,FILE-1-EACH

        """

    /// One of everything: places 4, 5 and 6, items, packagings, codes, movements, a parked scan.
    private static let story = [
        (
            "roles",
            #"{"name":"Night","purpose":"","permissions":["item.see","stock.see"],"limits":[]}"#
        ),
        ("warehouses", #"{"code":"HALL","name":"Hall","firstBin":"H-01"}"#),
        ("places", #"{"warehouse":"whs-1","kind":"bin","code":"H-02","name":""}"#),
        ("warehouses", #"{"code":"NORTH","name":"North","firstBin":"N-01"}"#),
        ("items", item("SEED-1", "false,\"expiry\":false")),
        ("items", item("SEED-2", "true,\"expiry\":true")),
        (
            "variants/var-1/packagings",
            #"{"level":"case","name":"carton","content":{"num":"24","den":"1"},"#
                + #""codes":["SEED-CASE"]}"#
        ),
        ("stock/movements", movement("receive", "var-1", "null")),
        ("stock/movements", movement("receive", "var-2", #""L1","expiry":"2031-05-01""#)),
        ("stock/movements", movement("receive", "var-2", #""L2","expiry":"2031-05-01""#)),
        (
            "scans",
            #"{"event":"0192f0c4-7a30-7c11-8f2e-3b5a9d1c6e01","task":"receive","#
                + #""place":"H-01","code":"NOBODY-KNOWS"}"#
        ),
    ]

    static func item(_ code: String, _ tracking: String = "false,\"expiry\":false") -> String {
        #"{"code":"\#(code)","name":"Goods","baseUnit":"pcs","scale":0,"#
            + #""tracking":{"lot":\#(tracking),"serial":false},"alias":"","note":""}"#
    }

    private static func movement(_ kind: String, _ variant: String, _ lot: String) -> String {
        #"{"kind":"\#(kind)","variant":"\#(variant)","count":"100","place":"plc-4","lot":\#(lot)}"#
    }
}

extension Probe {
    /// Posts what a test needs to be there, and gives what was made.
    @discardableResult
    func make(_ path: String, _ json: String) throws -> JSON {
        let reply = try send(Call(.post, "/api/v1/\(path)", json: json).keyed())
        #expect(
            reply.status < 300,
            "\(path) \(json): \(String(decoding: reply.response.bytes, as: UTF8.self))")
        return reply.json
    }

    /// A call of an endpoint with everything that its form demands, on records that are there.
    func call(_ endpoint: Endpoint) -> Call {
        var path = endpoint.path.text
        for field in endpoint.parameters?.fields ?? [] {
            path = path.replacing("{\(field.name)}", with: Self.known(field))
        }
        var call = Call(endpoint.method, path)
        call.query = (endpoint.query?.fields ?? []).filter(\.isRequired).map {
            ($0.name, Self.known($0))
        }
        if let form = endpoint.bodies.first {
            call.mediaType = form.mediaType
            call.body = Array((endpoint.example ?? Stocked.file).utf8)
        }
        if endpoint.needsMatch { call.headers.append(("If-Match", "*")) }
        if endpoint.name == "POST /api/v1/scans" {
            // The example's code and place are not those of this house.
            call.body = Array(
                """
                {"event":"0192f0c4-7a30-7c11-8f2e-3b5a9d1c6e02","task":"receive","place":"H-01",\
                "code":"SEED-CASE"}
                """.utf8)
        }
        if endpoint.name == "PUT /api/v1/certificate" { call.body = CompanyCertificate.body }
        if endpoint.path.text.hasPrefix("/api/v1/backups/"),
            endpoint.example?.contains("/mnt/backup") == true
        {
            // Neither is its folder; a place that is changed stays where it is.
            let folder = endpoint.path.text.hasSuffix("/access") ? shelf : otherShelf
            call.body = Array(#"{"name":"Other","kind":"folder","place":"\#(folder)"}"#.utf8)
        }
        return endpoint.needsKey ? call.keyed() : call
    }

    /// The first record of what a parameter names.
    private static func known(_ field: Schema.Field) -> String {
        guard case .text(let rule) = field.schema.shape else { return "1" }
        switch field.name {
        case "role": return "rol-1"
        case "permission": return "stock.see"
        default: break
        }
        if let choice = rule.choices.last { return choice }
        guard let pattern = rule.pattern, let dash = pattern.firstIndex(of: "-"),
            pattern.hasPrefix("^"), pattern.contains("-[1-9]")
        else { return field.name == "name" ? "access.tidy" : "SEED-CASE" }
        let prefix = String(pattern[pattern.index(after: pattern.startIndex)..<dash])
        // Places 1 to 3 are outside the house.
        return prefix == "plc" ? "plc-4" : "\(prefix)-1"
    }
}
