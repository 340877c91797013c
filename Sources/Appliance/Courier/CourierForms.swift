// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Kernel
import Web

/// `{"courier", "first", "holding", "most"}`: who asks, whether for the first time, what it has in
/// hand and how much more it can take.
struct ClaimForm {
    let courier: String
    let isFirst: Bool
    let holding: Set<Int64>
    let most: Int

    init(_ body: [UInt8]) throws {
        let document = try read(body, names: ["courier", "first", "holding", "most"])
        courier = try token(document)
        guard let first = document["first"]?.flag else { throw wrong("first") }
        isFirst = first
        let elements = document["holding"]?.elements ?? []
        guard elements.count <= ErrandLimit.claimed else { throw wrong("holding") }
        holding = Set(elements.compactMap(\.integer))
        guard let most = document["most"]?.integer, (1...Int64(ErrandLimit.claimed)).contains(most)
        else { throw wrong("most") }
        self.most = Int(most)
    }
}

/// `{"courier", "report"}`: what became of one errand.
struct ResultForm {
    let report: ErrandReport

    init(_ body: [UInt8]) throws {
        let document = try read(body, names: ["courier", "report"])
        _ = try token(document)
        report = try ErrandReport(document["report"] ?? .null)
    }
}

/// `{"courier"}`: who is there.
struct PresenceForm {
    let courier: String

    init(_ body: [UInt8]) throws { courier = try token(try read(body, names: ["courier"])) }
}

private func wrong(_ field: String) -> WebRefusal {
    .fields([WireFault("wrong_type", path: [field])])
}

private func read(_ body: [UInt8], names: Set<String>) throws -> JSON {
    let document: JSON
    do throws(JSONFault) {
        document = try JSON(reading: body, depthMax: 8)
    } catch {
        throw WebRefusal.malformed(reason: error.reason.rawValue, offset: error.offset)
    }
    guard Set(document.members.map(\.name)) == names else { throw wrong("") }
    return document
}

private func token(_ document: JSON) throws -> String {
    guard let token = document["courier"]?.text, (16...64).contains(token.utf8.count) else {
        throw wrong("courier")
    }
    return token
}
