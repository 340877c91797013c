// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Inventory
import Kernel
import ModuleKit
import SealedStore
import Web

/// How the device should sound: the class of the result.
enum Beep: String, Sendable, CaseIterable {
    case ok, attention, stop
}

struct ContentView: Codable, Sendable {
    let num: String
    let den: String
}

struct PackagingRef: Codable, Sendable {
    let id: ID<Packaging>
    let level: String
    let name: String
    let content: ContentView

    init(_ packaging: Packaging) {
        id = packaging.id
        level = packaging.level.rawValue
        name = packaging.name
        content = ContentView(
            num: String(packaging.content.num), den: String(packaging.content.den))
    }
}

/// One of several packagings that a code can mean.
struct CandidateView: Codable, Sendable {
    let packaging: ID<Packaging>
    let item: NamedRef<Item>
    let variant: NamedRef<Variant>
    let level: String
    let name: String
    let content: ContentView

    init(_ match: CodeMatch) {
        let card = VariantCard(item: match.item, variant: match.variant)
        let ref = PackagingRef(match.packaging)
        packaging = ref.id
        item = card.itemRef
        variant = card.variantRef
        level = ref.level
        name = ref.name
        content = ref.content
    }
}

struct CommandView: Codable, Sendable {
    let verb: String

    init(_ command: CommandCode) { verb = command.verb }
}

/// The answer to a scan: what happened, how to sound, and one line for a small display.
struct ScanView: WireRecord {
    let event: String
    let outcome: String
    let beep: Choice<Beep>
    let line: String
    let task: Choice<ScanTask>
    var item: NamedRef<Item>?
    var variant: NamedRef<Variant>?
    var packaging: PackagingRef?
    var quantity: Quantity?
    var unit: String?
    var place: String?
    var balance: Quantity?
    var movement: ID<Movement>?
    var candidates: [CandidateView] = []
    var parked: ID<ParkedScan>?
    var command: CommandView?
    var balances: [BalanceView] = []
}

extension ScanView {
    /// The same JSON as the encoder makes, written member by member: the answer to a scan is made
    /// on the writer's thread, where the encoder's generic way costs a third of the whole scan. A
    /// test holds the two together.
    var json: [UInt8] {
        func each<Value: Encodable>(_ values: [Value]) -> JSON {
            .list(values.compactMap { try? JSON(encoding: $0) })
        }
        var record = JSONRecord()
        record.add("balance", balance?.description)
        record.add("balances", each(balances))
        record.add("beep", beep.value.rawValue)
        record.add("candidates", each(candidates))
        if let command {
            record.add("command") { $0.add("verb", command.verb) }
        } else {
            record.add("command", JSON.null)
        }
        record.add("event", event)
        add("item", item, to: &record)
        record.add("line", line)
        record.add("movement", movement?.description)
        record.add("outcome", outcome)
        add(packaging, to: &record)
        record.add("parked", parked?.description)
        record.add("place", place)
        record.add("quantity", quantity?.description)
        record.add("task", task.value.rawValue)
        record.add("unit", unit)
        add("variant", variant, to: &record)
        return record.finished()
    }

    private func add<Noun>(
        _ name: StaticString, _ ref: NamedRef<Noun>?, to record: inout JSONRecord
    ) {
        guard let ref else { return record.add(name, JSON.null) }
        record.add(name) {
            $0.add("code", ref.code)
            $0.add("id", ref.id.description)
            $0.add("name", ref.name)
        }
    }

    private func add(_ packaging: PackagingRef?, to record: inout JSONRecord) {
        guard let packaging else { return record.add("packaging", JSON.null) }
        record.add("packaging") {
            $0.add("content") {
                $0.add("den", packaging.content.den)
                $0.add("num", packaging.content.num)
            }
            $0.add("id", packaging.id.description)
            $0.add("level", packaging.level)
            $0.add("name", packaging.name)
        }
    }
}

/// A scan's answer in the form that the device asked for.
struct ScanAnswer: AnswerBody {
    let view: ScanView
    /// One plain line instead of JSON, for scanners that show what they get.
    let asLine: Bool
    /// What the client keeps; nil in practice books.
    let acknowledged: Acknowledgement?

    static func answerForm(status: Int) throws -> Endpoint.AnswerForm {
        try ScanView.answerForm(status: status)
    }

    func response(status: Int) -> Response {
        let headers = acknowledged.map { [$0.header] } ?? []
        return asLine
            ? .text(view.line + "\n", status: status, headers: headers)
            : .json(bytes: view.json, status: status, headers: headers)
    }
}

/// The view of an outcome. Lines are short and begin with a sign, because a scanner's display
/// holds twenty characters.
func scanView(
    _ outcome: ScanOutcome, of scan: Scan, in tx: ReadTransaction
) throws -> ScanView {
    func view(_ outcome: String, _ beep: Beep, _ line: String) -> ScanView {
        ScanView(
            event: scan.event, outcome: outcome, beep: Choice(beep), line: line,
            task: Choice(scan.task), place: scan.place)
    }
    switch outcome {
    case .moved(let movement, let match, let balance):
        var answer = view(
            "accepted", .ok,
            "+ \(match.item.name) \(movement.quantity) \(match.item.baseUnit) = \(balance)")
        fill(&answer, match)
        answer.quantity = movement.quantity
        answer.balance = balance
        answer.movement = movement.id
        return answer
    case .undone(let movement, let match):
        var answer = view(
            "undone", .attention,
            "< \(match.item.name) \(movement.quantity) \(match.item.baseUnit)")
        fill(&answer, match)
        answer.quantity = movement.quantity
        answer.movement = movement.id
        return answer
    case .found(let match, let balances):
        var answer = view("found", .ok, "= \(match.item.name)")
        fill(&answer, match)
        answer.balances = try balanceViews(balances, in: tx)
        return answer
    case .place(let place, let balances):
        var answer = view("found", .ok, "= \(place.code)")
        answer.place = place.code
        answer.balances = try balanceViews(balances, in: tx)
        return answer
    case .ambiguous(let matches):
        var answer = view("ambiguous", .attention, "? \(scan.code)")
        answer.candidates = matches.map(CandidateView.init)
        return answer
    case .parked(let id):
        var answer = view("parked", .attention, "! \(scan.code)")
        answer.parked = id
        return answer
    case .command(let command):
        var answer = view("command", .ok, "% \(command.verb)")
        answer.command = CommandView(command)
        return answer
    case .unknown:
        return view("unknown", .stop, "! \(scan.code)")
    }
}

private func fill(_ answer: inout ScanView, _ match: CodeMatch) {
    let card = VariantCard(item: match.item, variant: match.variant)
    answer.item = card.itemRef
    answer.variant = card.variantRef
    answer.packaging = PackagingRef(match.packaging)
    answer.unit = match.item.baseUnit
}
