// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Inventory
import Kernel
import ModuleKit
import SealedStore
import Secrets
import Web

/// What a plain-text scanner puts in its address; a JSON or form body has these in itself.
struct ScanQuery: Codable, Sendable {
    let event: EventKey?
    let task: Choice<ScanTask>?
    let place: Web.Code?
    let toPlace: Web.Code?
    let count: Quantity?
    let lot: TrackingText?
    let expiry: BusinessDay?
    let serial: TrackingText?
}

let scanEndpoints: [Route] = [
    .change(
        .post, "/api/v1/scans", needs: .permission(ScanPermission.make),
        summary: "Carry out one scan; the same event twice is one scan", query: ScanQuery.self,
        body: ScanRequest.self, answers: ScanAnswer.self,
        refusals: [
            ScanRefusal.self, ReadingRefusal.self, StockRefusal.self, CatalogRefusal.self,
        ],
        example: .sample, limit: Limit.bodyBytesScan, key: { $0.event?.text }
    ) { _, body, caller, tx in
        try refuseIfBehind(body.lastAcknowledged, in: tx)
        let scan = body.scan(event: body.event?.text ?? newEvent())
        let outcome = try carryOut(scan, by: caller, in: tx)
        return ScanAnswer(
            view: try scanView(outcome, of: scan, in: tx), asLine: body.wantsLine,
            acknowledged: try acknowledgement(in: tx))
    },
    .look(
        "/api/v1/code-readings", needs: .permission(CatalogPermission.see),
        summary: "Tell what a code means, without doing anything", query: ReadingQuery.self,
        answers: ReadingView.self, pace: .quick
    ) { query, caller, tx in
        do {
            // Goods are everybody's who sees the catalogue; bins are those of one's stock.
            let found = try look(
                up: query.code.text, by: caller.acting(under: StockPermission.see), in: tx)
            return ReadingView(found.reading, found.matches, found.place)
        } catch let refusal as ReadingRefusal {
            return ReadingView(query.code.text, refused: refusal)
        }
    },
]

/// Names a scan that came without a name, so that its parked row is told apart from others.
private func newEvent() -> String { "unnamed-\(Random.text(20))" }

struct ReadingQuery: Codable, Sendable {
    let code: RawCode
}

struct ElementView: Codable, Sendable {
    let ai: String
    let value: String
}

struct ReadingProblem: Codable, Sendable {
    let code: String
}

struct ReadingView: WireRecord {
    let text: String
    let symbol: String?
    let gtin: String?
    let elements: [ElementView]
    let notes: [String]
    let matches: [CandidateView]
    let place: NamedRef<Place>?
    let command: CommandView?
    let problem: ReadingProblem?

    init(_ reading: Reading, _ matches: [CodeMatch], _ place: Place?) {
        text = reading.text
        symbol = reading.symbol.rawValue
        gtin = reading.candidates.lazy.compactMap(\.gtin).first?.digits
        elements = (reading.elementCandidate?.elements ?? []).map {
            ElementView(ai: $0.identifier, value: $0.data)
        }
        notes = reading.notes.map(\.code)
        self.matches = matches.map(CandidateView.init)
        self.place = place.map { NamedRef(id: $0.id, code: $0.code, name: $0.name) }
        command = reading.command.map(CommandView.init)
        problem = nil
    }

    init(_ text: String, refused refusal: ReadingRefusal) {
        self.text = text
        symbol = nil
        gtin = nil
        elements = []
        notes = []
        matches = []
        place = nil
        command = nil
        problem = ReadingProblem(code: refusal.code)
    }
}
