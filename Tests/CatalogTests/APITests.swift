// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import ModuleKit
import SealedStore
import Testing
import Web

@testable import Catalog

/// The endpoints of this room over a real store, without a socket. The Authorization header names
/// who asks: `clerk` may do everything here, `reader` may look; nobody else is known.
final class Desk: Sendable {
    let shelf: Shelf
    private let api: API
    private let problems: ProblemWriter
    private let looks = WorkQueue(name: "looks", threads: 1, limit: 10)
    private let works = WorkQueue(name: "works", threads: 1, limit: 10)

    init() throws {
        shelf = try Shelf()
        problems = ProblemWriter(
            titles: { code, _ in code }, log: { _, message in Issue.record("inside: \(message)") })
        let premises = Premises(store: shelf.store, looks: looks, works: works)
        api = try API(
            endpoints: try catalogModule.endpoints.map { try $0.endpoint(premises, "catalog") },
            problems: problems,
            authenticate: { request, _ in
                switch request.head.header("authorization") {
                case "clerk": clerk
                case "reader":
                    Caller(
                        actor: .user(8), name: "Wu", permissions: [CatalogPermission.see],
                        scope: .everything, language: .en)
                default: .guest
                }
            })
    }

    deinit {
        looks.stop()
        works.stop()
    }

    var endpoints: [Endpoint] { api.endpoints }

    struct Told {
        let status: Int
        let response: Response
        var json: JSON { (try? JSON(reading: response.bytes)) ?? .null }
        var code: String? { json["code"]?.text }
        var text: String { String(decoding: response.bytes, as: UTF8.self) }
    }

    func ask(
        _ method: Web.Method, _ target: String, _ body: String? = nil, as who: String = "clerk",
        type: String = "application/json", key: String = UUID().uuidString, match: String? = nil
    ) throws -> Told {
        var headers = [("Authorization", who), ("Idempotency-Key", key)]
        if body != nil { headers.append(("Content-Type", type)) }
        if let match { headers.append(("If-Match", match)) }
        let request = Request(
            try RequestHead(method, target, headers: headers), body: Array((body ?? "").utf8))
        let response = try #require(api.answer(to: request, problems: problems))
        return Told(status: response.status, response: response)
    }
}

struct APITests {
    private let item =
        #"{"code":"NF-550","name":"农夫山泉","baseUnit":"瓶","scale":0,"tracking":{"lot":false,"expiry":false,"serial":false},"alias":"","note":""}"#

    @Test func `every request has limits, and every body an example`() throws {
        for endpoint in try Desk().endpoints {
            #expect(!endpoint.summary.isEmpty)
            #expect(endpoint.parameters?.unboundedPlaces.isEmpty ?? true, "\(endpoint.name)")
            #expect(endpoint.query?.unboundedPlaces.isEmpty ?? true, "\(endpoint.name)")
            for body in endpoint.bodies where body.mediaType == "application/json" {
                #expect(body.schema?.unboundedPlaces.isEmpty ?? false, "\(endpoint.name)")
                #expect(endpoint.example != nil, "\(endpoint.name)")
            }
        }
    }

    @Test func `guests and readers are kept out`() throws {
        let desk = try Desk()
        for endpoint in desk.endpoints {
            let path = endpoint.path.text.replacing("{id}", with: "itm-1")
            #expect(try desk.ask(endpoint.method, path, as: "-").status == 401, "\(endpoint.name)")
            let isOpen = endpoint.need == .permission(CatalogPermission.see)
            if !isOpen {
                let told = try desk.ask(endpoint.method, path, as: "reader")
                #expect(told.status == 403, "\(endpoint.name)")
            }
        }
    }

    @Test func `an item is added, found, edited and retired`() throws {
        let desk = try Desk()
        let added = try desk.ask(.post, "/api/v1/items", item)
        #expect(added.status == 201)
        #expect(added.json["id"]?.text == "itm-1" && added.json["state"]?.text == "active")
        #expect(added.json["variants"]?[0]?["packagings"]?[0]?["level"]?.text == "base")
        #expect(added.json["variants"]?[0]?["packagings"]?[0]?["content"]?["num"]?.text == "1")
        let found = try desk.ask(.get, "/api/v1/items?q=nfsq&state=active", as: "reader")
        #expect(found.json["items"]?[0]?["code"]?.text == "NF-550")
        #expect(found.json["items"]?[0]?["variants"] == .integer(1))
        #expect(found.json["next"] == .null)
        let read = try desk.ask(.get, "/api/v1/items/itm-1", as: "reader")
        let tag = try #require(read.response.header("ETag"))
        #expect(try desk.ask(.patch, "/api/v1/items/itm-1", #"{"name":"x"}"#).status == 428)
        let edited = try desk.ask(
            .patch, "/api/v1/items/itm-1", #"{"name":"山泉水"}"#, match: tag)
        #expect(edited.status == 200 && edited.json["name"]?.text == "山泉水")
        let stale = try desk.ask(.patch, "/api/v1/items/itm-1", #"{"name":"y"}"#, match: tag)
        #expect(stale.status == 412 && stale.code == "request.stale")
        #expect(try desk.ask(.post, "/api/v1/items/itm-1/retirement", "{}").status == 200)
        let again = try desk.ask(.post, "/api/v1/items/itm-1/retirement", "{}")
        #expect(again.status == 409 && again.code == "lifecycle.illegal")
        #expect(try desk.ask(.post, "/api/v1/items/itm-1/reinstatement", "{}").status == 200)
    }

    @Test func `packagings and codes come and go`() throws {
        let desk = try Desk()
        _ = try desk.ask(.post, "/api/v1/items", item)
        let box = try desk.ask(
            .post, "/api/v1/variants/var-1/packagings",
            #"{"level":"case","name":"箱","content":{"num":"24","den":"1"},"codes":["16901234567899"]}"#
        )
        #expect(box.status == 201)
        let packaging = box.json["variants"]?[0]?["packagings"]?[1]
        #expect(packaging?["codes"]?[0]?["gtin"]?.text == "16901234567899")
        #expect(packaging?["codes"]?[0]?["validTo"] == .null)
        let taken = try desk.ask(
            .post, "/api/v1/packagings/pkg-1/codes", #"{"code":"16901234567899"}"#)
        #expect(taken.status == 409 && taken.code == "code.taken")
        #expect(taken.json["parameters"]?["item"]?.text == "NF-550")
        let wrong = try desk.ask(
            .post, "/api/v1/packagings/pkg-1/codes", #"{"code":"6901234567890"}"#)
        #expect(wrong.status == 422 && wrong.code == "code.check_digit")
        let ended = try desk.ask(.post, "/api/v1/codes/cod-1/end", "{}")
        #expect(ended.json["variants"]?[0]?["packagings"]?[1]?["codes"]?[0] == nil)
        #expect(try desk.ask(.post, "/api/v1/packagings/pkg-2/retirement", "{}").status == 200)
        let base = try desk.ask(.post, "/api/v1/packagings/pkg-1/retirement", "{}")
        #expect(base.status == 422 && base.code == "packaging.base_fixed")
        #expect(
            try desk.ask(.post, "/api/v1/items/itm-1/variants", #"{"code":"RED","name":"红"}"#)
                .status
                == 201)
    }

    @Test func `the same request again gives the same answer and no second item`() throws {
        let desk = try Desk()
        let first = try desk.ask(.post, "/api/v1/items", item, key: "k-1")
        let second = try desk.ask(.post, "/api/v1/items", item, key: "k-1")
        #expect(first.status == 201 && second.status == 201 && first.text == second.text)
        #expect(try desk.shelf.count("catalog_item") == 1)
        let other = try desk.ask(
            .post, "/api/v1/items", item.replacing("NF-550", with: "X"), key: "k-1")
        #expect(other.status == 422 && other.code == "request.key_reused")
    }

    @Test(
        arguments: [
            ("{", 400), ("[]", 422), (#"{"code":"A"}"#, 422),
            (#"{"code":5,"name":"n","baseUnit":"u"}"#, 422),
            (#"{"code":"A","name":"n","baseUnit":"u","colour":"red"}"#, 422),
            (#"{"code":"A","name":"n","baseUnit":"u","scale":7}"#, 422),
            (#"{"code":"","name":"n","baseUnit":"u"}"#, 422),
            (#"{"code":"A\u0001","name":"n","baseUnit":"u"}"#, 422),
            (#"{"code":"A\u001dB","name":"n","baseUnit":"u"}"#, 422),
            (#"{"code":"A","name":"n","baseUnit":"123456789012345678901"}"#, 422),
            (
                #"{"code":"A","name":"n","baseUnit":"u","scale":2,"tracking":{"lot":false,"expiry":false,"serial":true}}"#,
                422
            ),
        ])
    func `a bad item is refused and changes nothing`(body: String, status: Int) throws {
        let desk = try Desk()
        #expect(try desk.ask(.post, "/api/v1/items", body).status == status)
        #expect(try desk.shelf.count("catalog_item") == 0)
    }

    @Test(
        arguments: [
            ("/api/v1/items/itm-9", 404), ("/api/v1/items/var-1", 422),
            ("/api/v1/items?state=gone", 422),
            ("/api/v1/items?limit=201", 422), ("/api/v1/items?after=xx", 422),
            ("/api/v1/items?colour=red", 422), ("/api/v1/item-imports/imp-1", 404),
            ("/api/v1/item-imports/imp-1/errors.csv", 404),
        ])
    func `a bad question is refused`(target: String, status: Int) throws {
        let told = try Desk().ask(.get, target)
        #expect(told.status == status, "\(told.text)")
    }

    @Test func `a file is looked at, applied, undone`() throws {
        let desk = try Desk()
        let csv = "item_code,item_name,base_unit,barcode\n001,水,瓶,6901234567892\n002,茶,瓶,123E+10\n"
        let seen = try desk.ask(
            .post, "/api/v1/item-imports?fileName=goods.csv", csv, type: "text/csv; charset=utf-8")
        #expect(seen.status == 201 && seen.json["state"]?.text == "previewed")
        #expect(seen.json["fileName"]?.text == "goods.csv")
        #expect(seen.json["bad"] == .integer(1) && seen.json["newItems"] == .integer(1))
        #expect(seen.json["errors"]?[0]?["code"]?.text == "import.scientific")
        #expect(seen.json["errors"]?[0]?["column"]?.text == "barcode")
        #expect(seen.json["sample"]?[0]?["cells"]?["item_code"]?.text == "001")
        let file = try desk.ask(.get, "/api/v1/item-imports/imp-1/errors.csv")
        #expect(
            file.text == "\u{FEFF}item_code,item_name,base_unit,barcode,Error\r\n"
                + "002,茶,瓶,123E+10,barcode: import.scientific\r\n")
        #expect(file.response.header("Content-Type") == "text/csv; charset=utf-8")
        let refused = try desk.ask(
            .post, "/api/v1/item-imports/imp-1/application", #"{"mode":"all_or_nothing"}"#)
        #expect(refused.status == 409 && refused.code == "import.bad_rows")
        let applied = try desk.ask(
            .post, "/api/v1/item-imports/imp-1/application", #"{"mode":"skip_bad"}"#)
        #expect(applied.status == 200 && applied.json["state"]?.text == "applied")
        let list = try desk.ask(.get, "/api/v1/item-imports")
        #expect(list.json["items"]?[0]?["id"]?.text == "imp-1")
        let undone = try desk.ask(.post, "/api/v1/item-imports/imp-1/undo", "{}")
        #expect(undone.json["state"]?.text == "undone")
        #expect(try desk.shelf.count("catalog_item") == 0)
        let twice = try desk.ask(.post, "/api/v1/item-imports/imp-1/discarding", "{}")
        #expect(twice.status == 409)
    }

    @Test(
        arguments: [
            ("", "import.empty"), ("a,b\n1,2", "import.heading_missing"),
            ("item_code\n\"x", "import.quote_open"), ("item_code\n\u{0}", "import.unreadable_text"),
        ])
    func `a file that is none is refused`(csv: String, code: String) throws {
        let told = try Desk().ask(.post, "/api/v1/item-imports", csv, type: "text/csv")
        #expect(told.status == 422 && told.code == code)
    }
}
