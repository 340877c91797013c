// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// Words for codes: `(code, language)` gives the text, or nil when there is none.
package typealias Wording = @Sendable (_ code: String, _ language: Language) -> String?

/// Takes what may be told to the operator only: the request id and what happened inside.
package typealias InsideLog = @Sendable (_ requestID: String, _ message: String) -> Void

/// A refusal that wants header fields on its answer, for example Retry-After.
package protocol AnswerHeaders {
    var answerHeaders: [Response.Header] { get }
}

/// Turns errors into problem documents (RFC 9457, `application/problem+json`).
///
/// Only a `Refusal` speaks to the client. Any other error becomes a 500 with a title and the
/// request id, and its inside goes to the log once.
package struct ProblemWriter: Sendable {
    private let titles: Wording
    private let details: Wording
    private let log: InsideLog

    /// `details` are sentences in which `{name}` stands for a parameter of the refusal.
    package init(
        titles: @escaping Wording, details: @escaping Wording = { _, _ in nil },
        log: @escaping InsideLog
    ) {
        self.titles = titles
        self.details = details
        self.log = log
    }

    /// The code of the problem document for everything that is not a refusal.
    package static let failedCode = "server.failed"

    /// The answer for `error`.
    ///
    /// - Parameter asLine: answers one plain line, `! title [code]`, for scanners that show what
    ///   they get. Status and header fields stay those of the document.
    package func response(
        for error: any Error, requestID: String, language: Language, asLine: Bool = false
    ) -> Response {
        let document = document(for: error, requestID: requestID, language: language)
        guard asLine else { return document }
        let refusal = error as? any Refusal
        let code = refusal?.code ?? Self.failedCode
        let headers = document.headers.filter { $0.name != "Content-Type" }
        let title = filled(titles(code, language) ?? code, refusal?.parameters ?? [:])
        return .text("! \(title) [\(code)]\n", status: document.status, headers: headers)
    }

    private func document(
        for error: any Error, requestID: String, language: Language
    ) -> Response {
        guard let refusal = error as? any Refusal else {
            log(requestID, String(reflecting: error))
            return failed(requestID: requestID, language: language)
        }
        var members: [JSON.Member] = [
            JSON.Member("type", .text("/problems/" + refusal.code)),
            JSON.Member("title", .text(titles(refusal.code, language) ?? refusal.code)),
            JSON.Member("status", .integer(Int64(refusal.kind.status))),
            JSON.Member("instance", .text(requestID)),
            JSON.Member("code", .text(refusal.code)),
        ]
        let parameters = refusal.parameters
        if let detail = details(refusal.code, language) {
            members.append(JSON.Member("detail", .text(filled(detail, parameters))))
        }
        members.append(JSON.Member("parameters", JSON(.record(parameters))))
        let errors = refusal.pointers.map { pointer in
            JSON.record([
                JSON.Member("pointer", .text(pointer.path)),
                JSON.Member("code", .text(pointer.code)),
            ])
        }
        members.append(JSON.Member("errors", .list(errors)))
        let kind = refusal.kind
        var headers = (refusal as? any AnswerHeaders)?.answerHeaders ?? []
        if kind == .unauthenticated {
            // RFC 9110, 11.6.1: a 401 must name a way to authenticate.
            headers.append(Response.Header("WWW-Authenticate", "Bearer"))
        }
        return problem(.record(members), status: kind.status, headers: headers)
    }

    private func failed(requestID: String, language: Language) -> Response {
        let code = Self.failedCode
        let document = JSON.record([
            JSON.Member("type", .text("/problems/" + code)),
            JSON.Member("title", .text(titles(code, language) ?? code)),
            JSON.Member("status", .integer(500)),
            JSON.Member("instance", .text(requestID)),
            JSON.Member("code", .text(code)),
        ])
        return problem(document, status: 500, headers: [])
    }

    private func problem(_ document: JSON, status: Int, headers: [Response.Header]) -> Response {
        let kind = Response.Header("Content-Type", "application/problem+json")
        return Response(
            status: status, headers: [kind] + headers, body: .bytes(document.bytes()))
    }

    /// Puts parameters into a sentence; one that has no text of its own leaves its name standing.
    private func filled(_ sentence: String, _ parameters: [String: Fact]) -> String {
        var text = sentence
        for (name, fact) in parameters {
            guard let word = JSON(fact).plainText else { continue }
            text = text.split(separator: "{\(name)}", omittingEmptySubsequences: false)
                .joined(separator: word)
        }
        return text
    }
}

extension JSON {
    /// The wire form of a fact.
    package init(_ fact: Fact) {
        switch fact {
        case .text(let text): self = .text(text)
        case .integer(let number): self = .integer(number)
        case .flag(let flag): self = .flag(flag)
        case .quantity(let quantity): self = .text(quantity.decimal)
        case .instant(let instant): self = .text(instant.rfc3339)
        case .day(let day): self = .text(day.description)
        case .list(let facts): self = .list(facts.map { JSON($0) })
        case .record(let facts): self = .object(facts.mapValues { JSON($0) })
        case .none: self = .null
        }
    }

    /// The value as a word inside a sentence; nil for lists, records and null.
    var plainText: String? {
        switch self {
        case .text(let text), .decimal(let text): text
        case .integer(let number): String(number)
        case .flag(let flag): flag ? "true" : "false"
        case .null, .list, .record: nil
        }
    }
}
