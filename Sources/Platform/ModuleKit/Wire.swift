// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel
package import Web

/// A record on the wire. As a body it is JSON of its fields, as an answer too.
package protocol WireRecord: Codable, RequestBody, AnswerBody {}

/// What an endpoint takes as its body.
package protocol RequestBody: Sendable {
    static func bodyForms() throws -> [Endpoint.BodyForm]
    /// A function that reads a body; made once, at start-up.
    static func bodyReader() throws -> @Sendable (Endpoint.Incoming) throws -> Self
}

extension RequestBody where Self: Decodable {
    package static func bodyForms() throws -> [Endpoint.BodyForm] {
        [.json(try WireForm(Self.self).schema)]
    }

    package static func bodyReader() throws -> @Sendable (Endpoint.Incoming) throws -> Self {
        let form = try WireForm(Self.self)
        return { try form.decode(json: $0.body) }
    }
}

/// What an endpoint gives.
package protocol AnswerBody: Sendable {
    static func answerForm(status: Int) throws -> Endpoint.AnswerForm
    func response(status: Int) throws -> Response
}

extension AnswerBody where Self: Codable {
    package static func answerForm(status: Int) throws -> Endpoint.AnswerForm {
        .json(try SchemaProbe.schema(of: Self.self), status: status)
    }

    package func response(status: Int) throws -> Response {
        let tag = (self as? any Tagged)?.etag
        return try .json(
            self, status: status,
            headers: tag.map { [Response.Header("ETag", "\"\($0)\"")] } ?? [])
    }
}

/// A record with a version, which edits must name.
package protocol Tagged {
    var etag: String { get }
}

/// A request without a body.
package struct NoBody: RequestBody {
    package init() {}
    package static func bodyForms() throws -> [Endpoint.BodyForm] { [] }
    package static func bodyReader() throws -> @Sendable (Endpoint.Incoming) throws -> NoBody {
        { _ in NoBody() }
    }
}

/// A body that has nothing to say: `{}`.
package struct Empty: WireRecord {
    package init() {}
}

/// A query without fields.
package struct NoQuery: Codable, Sendable {
    package init() {}
}

/// A path with one id in it: `/items/{id}`.
package struct ByID<Noun: IDNoun>: Codable, Sendable {
    package let id: ID<Noun>

    package init(id: ID<Noun>) { self.id = id }
}

/// A body that is no record, such as a CSV file.
package struct CSVBody: RequestBody {
    package let bytes: [UInt8]

    package static func bodyForms() throws -> [Endpoint.BodyForm] {
        [Endpoint.BodyForm(mediaType: "text/csv", schema: nil)]
    }

    package static func bodyReader() throws -> @Sendable (Endpoint.Incoming) throws -> CSVBody {
        { CSVBody(bytes: $0.body) }
    }
}

/// An answer without a body.
package struct Nothing: AnswerBody {
    package init() {}

    package static func answerForm(status: Int) throws -> Endpoint.AnswerForm { .nothing }

    package func response(status: Int) throws -> Response { .empty(204) }
}

/// A CSV file to keep.
package struct CSVDownload: AnswerBody {
    package let bytes: [UInt8]
    package let fileName: String

    /// - Parameter fileName: proposed to the browser (`Response.download`).
    package init(bytes: [UInt8], fileName: String) {
        self.bytes = bytes
        self.fileName = fileName
    }

    package static func answerForm(status: Int) throws -> Endpoint.AnswerForm {
        Endpoint.AnswerForm(status: status, mediaType: "text/csv", schema: nil)
    }

    package func response(status: Int) throws -> Response {
        .download(bytes, type: "text/csv; charset=utf-8", fileName: fileName)
    }
}

/// How many rows a list request wants.
package typealias PageLimit = Whole<1, 200>

/// One page of a list, as it is sent.
package struct PageView<Item: Codable & Sendable>: WireRecord {
    package let items: [Item]
    package let next: Cursor?

    package init(items: [Item], next: Cursor?) {
        self.items = items
        self.next = next
    }

    package init(_ page: Page<Item>) {
        self.init(items: page.items, next: page.next)
    }
}

extension PageRequest {
    package init(_ limit: PageLimit?, _ after: Cursor?) {
        self.init(limit: limit?.value, after: after)
    }
}
