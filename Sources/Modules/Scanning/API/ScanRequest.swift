// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Kernel
import ModuleKit
import Web

/// A scan as it is sent: JSON by terminals, a form or one plain line by simple scanners.
struct ScanRequest: RequestBody, Codable {
    var event: EventKey?
    var at: Instant?
    var task: Choice<ScanTask>
    var place: Web.Code?
    var toPlace: Web.Code?
    /// May be left out for `undo`.
    var code: RawCode?
    var count: Quantity?
    var lot: TrackingText?
    var expiry: BusinessDay?
    var serial: TrackingText?
    var packaging: ID<Packaging>?
    var station: Name?
    /// Whether the answer is to be one plain line.
    var wantsLine = false
    /// What the daemon acknowledged last to this client.
    var lastAcknowledged: Acknowledgement?

    private enum CodingKeys: String, CodingKey {
        case event, at, task, place, toPlace, code, count, lot, expiry, serial, packaging, station
    }

    static let sample = ScanRequest(
        event: .sample, at: nil, task: Choice(.receive), place: Web.Code(checked: "A-01"),
        toPlace: nil, code: .sample, count: Quantity(pieces: 1), lot: nil, expiry: nil, serial: nil,
        packaging: nil, station: nil)

    static func bodyForms() throws -> [Endpoint.BodyForm] {
        let schema = try WireForm(Self.self).schema
        return [
            .json(named(schema)),
            Endpoint.BodyForm(mediaType: "application/x-www-form-urlencoded", schema: schema),
            Endpoint.BodyForm(mediaType: "text/plain", schema: nil),
        ]
    }

    /// Whoever sends JSON must name the scan; plain scanners cannot.
    private static func named(_ schema: Schema) -> Schema {
        guard case .record(let name, let fields) = schema.shape else { return schema }
        let all = fields.map { field in
            guard field.name == "event" else { return field }
            return Schema.Field(field.name, Schema(field.schema.shape), note: field.note)
        }
        return Schema(.record(name: name, fields: all))
    }

    static func bodyReader() throws -> @Sendable (Endpoint.Incoming) throws -> ScanRequest {
        let form = try WireForm(Self.self)
        return { incoming in
            var request = try read(incoming, form)
            request.wantsLine = incoming.head.wantsLine
            request.lastAcknowledged = try Acknowledgement.last(of: incoming.head)
            return request
        }
    }

    private static func read(
        _ incoming: Endpoint.Incoming, _ form: WireForm<ScanRequest>
    ) throws -> ScanRequest {
        switch incoming.mediaType {
        case "application/x-www-form-urlencoded":
            return try form.decode(form: incoming.body)
        case "text/plain":
            // The line is the code; everything else stands in the address that the scanner was
            // configured with.
            guard let code = String(validating: incoming.body, as: UTF8.self) else {
                throw WebRefusal.malformed(reason: "unreadable", offset: 0)
            }
            return try form.decode(pairs: incoming.head.query + [("code", code)])
        default:
            let request = try form.decode(json: incoming.body)
            guard request.event != nil else {
                throw WebRefusal.fields([WireFault("missing", path: ["event"])])
            }
            return request
        }
    }

    /// The scan that is meant. Without an event of its own each request is a new scan.
    func scan(event: String) -> Scan {
        Scan(
            event: event, task: task.value, code: code?.text ?? "", place: place?.text,
            toPlace: toPlace?.text, count: count?.decimal, lot: lot?.text, expiry: expiry,
            serial: serial?.text, packaging: packaging, at: at)
    }
}

/// What a scanner read, separators of GS1 and all; the readers decide what is too much.
struct RawCode: WireText {
    static let rule = Schema.TextRule(most: 512)
    static let isTrimmed = false
    static let allowsLines = true
    static let sample = RawCode(checked: "6901234567892")
    /// No character is refused here.
    static var schema: Schema { .text(rule) }
    let text: String

    init(checked text: String) { self.text = text }

    init(_ text: String) throws(WireFault) {
        guard text.unicodeScalars.count <= Self.rule.most else { throw WireFault("too_long") }
        self.text = text
    }
}

/// A lot or serial number that was typed beside the code.
struct TrackingText: WireText {
    static let rule = Schema.TextRule(least: 1, most: 40)
    static let sample = TrackingText(checked: "L2026-11")
    let text: String

    init(checked text: String) { self.text = text }
}
