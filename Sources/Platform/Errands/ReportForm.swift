// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Web

extension ErrandReport {
    package var json: JSON {
        var fields: [String: JSON] = ["id": .integer(id)]
        switch outcome {
        case .done(let answer):
            fields["outcome"] = .text("done")
            fields["answer"] = answer.json
        case .undone(let reason, let text):
            fields["outcome"] = .text(reason.passesByItself ? "later" : "refused")
            fields["reason"] = .text(reason.rawValue)
            fields["text"] = .text(text)
        }
        return .object(fields)
    }

    /// Reads a report. Throws `ErrandRefusal.fieldInvalid`.
    package init(reading bytes: [UInt8]) throws(ErrandRefusal) {
        try self.init(JSON.document(bytes, bytesMax: ErrandLimit.reportBytes))
    }

    package init(_ json: JSON) throws(ErrandRefusal) {
        var fields = try FieldReader(json, at: "")
        id = try fields.integer("id")
        switch try fields.text("outcome") {
        case "done":
            outcome = .done(try Outcome.Answer(fields.value("answer") ?? .null))
        case "refused", "later":
            let code = try fields.text("reason")
            guard let reason = Outcome.Reason(rawValue: code) else {
                throw .fieldInvalid(field: "reason", wants: "a known reason")
            }
            let text = String(try fields.text("text").prefix(ErrandLimit.textLength))
            outcome = .undone(reason, text: text)
        default:
            throw .fieldInvalid(field: "outcome", wants: "done, refused or later")
        }
        try fields.end()
    }
}

extension Outcome.Answer {
    package var json: JSON {
        switch self {
        case .stored: .object(["kind": .text("stored")])
        case .fetched(let size, let sha256):
            .object([
                "kind": .text("fetched"), "size": .integer(size), "sha256": .text(sha256),
            ])
        case .listed(let objects, let next):
            .object([
                "kind": .text("listed"), "next": next.map { .text($0) } ?? .null,
                "objects": .list(
                    objects.map {
                        .object(["object": .text($0.object.text), "size": .integer($0.size)])
                    }),
            ])
        case .deleted: .object(["kind": .text("deleted")])
        case .probed(let mayDelete):
            .object(["kind": .text("probed"), "mayDelete": .flag(mayDelete)])
        case .sent: .object(["kind": .text("sent")])
        }
    }

    /// Throws `ErrandRefusal.fieldInvalid`.
    package init(_ json: JSON) throws(ErrandRefusal) {
        var fields = try FieldReader(json, at: "answer")
        switch try fields.text("kind") {
        case "stored": self = .stored
        case "fetched":
            let (size, hash) = (try fields.integer("size"), try fields.text("sha256"))
            try Form.size(size, "answer.size")
            try Form.hash(hash, "answer.sha256")
            self = .fetched(size: size, sha256: hash)
        case "listed":
            var objects: [Outcome.Listed] = []
            for element in try fields.list("objects", most: ErrandLimit.listed) {
                var one = try FieldReader(element, at: "answer.objects")
                let object = try ObjectName(try one.text("object"))
                objects.append(Outcome.Listed(object: object, size: try one.integer("size")))
                try one.end()
            }
            self = .listed(objects, next: try fields.textOrNil("next"))
        case "deleted": self = .deleted
        case "probed": self = .probed(mayDelete: try fields.flag("mayDelete"))
        case "sent": self = .sent
        default: throw .fieldInvalid(field: "answer.kind", wants: "a known answer")
        }
        try fields.end()
    }
}
