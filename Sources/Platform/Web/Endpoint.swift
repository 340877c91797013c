// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// One operation of the API as a value: what it is called, who may do it, what it takes and gives,
/// and the function that does it. Router, API document, permission screen and contract tests read
/// the same value.
package struct Endpoint: Sendable {
    /// Who may call.
    package enum Need: Sendable, Hashable {
        case guest
        /// Signed in, even when a password must be chosen or a factor be set up first.
        case threshold
        case signedIn
        case permission(Permission)
    }

    /// A body the endpoint takes.
    package struct BodyForm: Sendable, Hashable {
        /// Lower case, without parameters: "application/json".
        package let mediaType: String
        /// Nil for bodies that are no record, for example a CSV file.
        package let schema: Schema?

        package init(mediaType: String, schema: Schema?) {
            self.mediaType = mediaType
            self.schema = schema
        }

        package static func json(_ schema: Schema) -> BodyForm {
            BodyForm(mediaType: "application/json", schema: schema)
        }
    }

    /// What a successful answer looks like.
    package struct AnswerForm: Sendable, Hashable {
        package let status: Int
        /// Nil for an answer without a body.
        package let mediaType: String?
        package let schema: Schema?

        package init(status: Int, mediaType: String?, schema: Schema?) {
            self.status = status
            self.mediaType = mediaType
            self.schema = schema
        }

        package static func json(_ schema: Schema, status: Int = 200) -> AnswerForm {
            AnswerForm(status: status, mediaType: "application/json", schema: schema)
        }

        package static let nothing = AnswerForm(status: 204, mediaType: nil, schema: nil)
    }

    /// What an endpoint's function gets.
    package struct Incoming: Sendable {
        package let head: RequestHead
        package let body: [UInt8]
        /// Names and values of the path's parameters, in order.
        package let parameters: [(name: String, value: String)]
        /// The body's media type, lower case, without parameters; nil without a body.
        package let mediaType: String?
    }

    package typealias Run = @Sendable (Incoming, Caller, Reply) -> Void

    package let method: Method
    package let path: PathTemplate
    package let need: Need
    package let tag: String
    package let summary: String
    package var description: String?
    /// Schemas of the path's parameters, a record; nil when the path has none.
    package var parameters: Schema?
    /// Schema of the query, a record; nil when a query is refused.
    package var query: Schema?
    /// Empty when a body is refused.
    package var bodies: [BodyForm]
    package var answer: AnswerForm
    /// Codes this operation may answer beside those of the web layer.
    package var refusals: [RefusalCode]
    package var bodyBytesMax: Int
    /// A request body as JSON text, shown in the document and tried by contract tests.
    package var example: String?
    /// A change demands an Idempotency-Key; false for reads and for changes that carry their own
    /// key or none (`signing in`).
    package var needsKey: Bool
    /// An edit demands If-Match.
    package var needsMatch: Bool
    /// Whoever calls must have proved within the last minutes who they are.
    package var needsFreshProof = false
    /// A change that is open to somebody who looks through another's eyes: it ends that.
    package var endsViewing = false
    /// Only a person at a browser may call it, no program of theirs: it is about how they sign in.
    package var isForSessions = false
    /// What is read here is nobody else's business: who read it is kept.
    package var isSensitive = false
    package let run: Run
    /// "GET /api/v1/items/{id}".
    package let name: String

    package init(
        _ method: Method, _ path: PathTemplate, need: Need, tag: String, summary: String,
        description: String? = nil, parameters: Schema? = nil, query: Schema? = nil,
        bodies: [BodyForm] = [], answer: AnswerForm, refusals: [RefusalCode] = [],
        bodyBytesMax: Int = Limit.bodyBytesJSON, example: String? = nil, needsKey: Bool = false,
        needsMatch: Bool = false, run: @escaping Run
    ) {
        self.method = method
        self.path = path
        self.need = need
        self.tag = tag
        self.summary = summary
        self.description = description
        self.parameters = parameters
        self.query = query
        self.bodies = bodies
        self.answer = answer
        self.refusals = refusals
        self.bodyBytesMax = bodyBytesMax
        self.example = example
        self.needsKey = needsKey
        self.needsMatch = needsMatch
        self.run = run
        name = method.rawValue + " " + path.text
    }
}

/// A path with places for parameters: "/api/v1/items/{id}".
package struct PathTemplate: Sendable, Hashable, ExpressibleByStringLiteral,
    CustomStringConvertible
{
    package enum Piece: Sendable, Hashable {
        case literal(String)
        case parameter(String)
    }

    package let text: String
    package let pieces: [Piece]

    package init(_ text: String) {
        self.text = text
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        pieces = parts.map { part in
            part.hasPrefix("{") && part.hasSuffix("}")
                ? .parameter(String(part.dropFirst().dropLast())) : .literal(String(part))
        }
    }

    package init(stringLiteral text: String) { self.init(text) }

    package var description: String { text }

    /// Names of the parameters, in order.
    package var parameterNames: [String] {
        pieces.compactMap { if case .parameter(let name) = $0 { name } else { nil } }
    }
}
