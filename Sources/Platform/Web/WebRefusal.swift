// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// Every "no" of the web layer itself: the guard, routing, the credential rules and the decoding.
package enum WebRefusal: Refusal, AnswerHeaders {
    /// The body is no JSON document (or form) at all; `offset` is the byte where reading stopped.
    case malformed(reason: String, offset: Int)
    /// Fields that do not fit, each with pointer and code; never empty.
    case fields([WireFault])
    /// The request target is not a plain, cleanly encoded path and query.
    case targetBad
    /// Not exactly one Host field, or one that names no host.
    case hostBad
    /// The Host field names a host that is not ours.
    case hostUnknown(String)
    /// Two lengths, length and chunks together, or a coding other than `chunked`.
    case framingBad
    /// A header name or value with forbidden characters, or an unknown HTTP version.
    case headersBad
    /// More header fields or bytes than allowed.
    case headersTooLarge
    /// More requests than one sender may make; `by` says how it was counted (address, account,
    /// device, token).
    case rateLimited(seconds: Int, by: String)
    /// A file that is something else than its media type says.
    case fileKind(declared: String, found: SniffedKind)
    /// A method that no resource of this server has.
    case methodUnknown
    /// The body is larger than `most` bytes.
    case bodyTooLarge(most: Int)
    /// The body has a media type the endpoint does not take.
    case mediaUnsupported(accepted: [String])
    /// Nothing lives at this path.
    case notFound
    /// The path exists, for other methods.
    case methodNotAllowed(allowed: [Method])
    /// A change asked for by another site, or without proof of where it comes from.
    case crossSite
    /// Something that is given over TLS only, asked for over plain HTTP.
    case tlsNeeded
    /// A change without an Idempotency-Key.
    case keyMissing
    /// An edit without If-Match.
    case matchMissing
    /// Too much is under way; try again.
    case busy
    /// The answer did not come in time. It is unknown whether the change was made; a repeat with
    /// the same key is safe.
    case timedOut
    /// The server is stopping.
    case stopping
    /// As many event streams are open as there may be.
    case streamsFull

    var refusalCode: RefusalCode {
        switch self {
        case .malformed: RefusalCode("request.malformed", .unreadable)
        case .fields(let faults): Self.code(of: faults)
        case .targetBad: RefusalCode("request.target_bad", .unreadable)
        case .hostBad: RefusalCode("request.host_bad", .unreadable)
        case .hostUnknown: RefusalCode("request.host_unknown", .misdirected)
        case .framingBad: RefusalCode("request.framing_bad", .unreadable)
        case .headersBad: RefusalCode("request.headers_bad", .unreadable)
        case .headersTooLarge: RefusalCode("request.headers_too_large", .unreadable)
        case .rateLimited: RefusalCode("request.rate_limited", .tooMany)
        case .fileKind: RefusalCode("request.file_kind", .unsupportedMedia)
        case .methodUnknown: RefusalCode("request.method_unknown", .notAllowed)
        case .bodyTooLarge: RefusalCode("request.body_too_large", .tooLarge)
        case .mediaUnsupported: RefusalCode("request.media_unsupported", .unsupportedMedia)
        case .notFound: RefusalCode("request.not_found", .notFound)
        case .methodNotAllowed: RefusalCode("request.method_not_allowed", .notAllowed)
        case .crossSite: RefusalCode("request.cross_site", .forbidden)
        case .tlsNeeded: RefusalCode("request.tls_needed", .forbidden)
        case .keyMissing: RefusalCode("request.key_missing", .unreadable)
        case .matchMissing: RefusalCode("request.match_missing", .preconditionMissing)
        case .busy: RefusalCode("server.busy", .busy)
        case .timedOut: RefusalCode("server.timed_out", .busy)
        case .stopping: RefusalCode("server.stopping", .busy)
        case .streamsFull: RefusalCode("server.streams_full", .busy)
        }
    }

    /// One code for the whole request: the graver kind of fault names it, each field has its own.
    private static func code(of faults: [WireFault]) -> RefusalCode {
        if faults.contains(where: { $0.code == "unknown" }) {
            return RefusalCode("request.field_unknown", .invalid)
        }
        if faults.contains(where: { $0.code == "missing" }) {
            return RefusalCode("request.field_missing", .invalid)
        }
        return RefusalCode("request.field_invalid", .invalid)
    }

    package static let catalogue: [RefusalCode] =
        [
            WebRefusal.malformed(reason: "", offset: 0), .fields([WireFault("unknown")]),
            .fields([WireFault("missing")]), .fields([WireFault("wrong_type")]), .targetBad,
            .hostBad, .hostUnknown(""), .framingBad, .headersBad, .headersTooLarge, .methodUnknown,
            .rateLimited(seconds: 0, by: ""), .fileKind(declared: "", found: .plain),
            .bodyTooLarge(most: 0), .mediaUnsupported(accepted: []), .notFound,
            .methodNotAllowed(allowed: []), .crossSite, .tlsNeeded, .keyMissing, .matchMissing,
            .busy, .timedOut, .stopping, .streamsFull,
        ].map(\.refusalCode)

    package var code: String { refusalCode.code }

    package var parameters: [String: Fact] {
        switch self {
        case .malformed(let reason, let offset):
            ["reason": .text(reason), "offset": .integer(Int64(offset))]
        case .bodyTooLarge(let most):
            ["most": .integer(Int64(most))]
        case .mediaUnsupported(let accepted):
            ["accepted": .list(accepted.map { .text($0) })]
        case .methodNotAllowed(let allowed):
            ["allowed": .list(allowed.map { .text($0.rawValue) })]
        case .hostUnknown(let host): ["host": .text(host)]
        case .rateLimited(let seconds, let by):
            ["seconds": .integer(Int64(seconds)), "by": .text(by)]
        case .fileKind(let declared, let found):
            ["declared": .text(declared), "found": .text(found.rawValue)]
        case .fields, .targetBad, .hostBad, .framingBad, .headersBad,
            .headersTooLarge, .methodUnknown, .notFound, .crossSite, .tlsNeeded, .keyMissing,
            .matchMissing, .busy, .timedOut, .stopping, .streamsFull:
            [:]
        }
    }

    package var pointers: [Pointer] {
        guard case .fields(let faults) = self else { return [] }
        return faults.map { Pointer(path: $0.pointer, code: $0.code) }
    }

    /// Header fields that belong to the answer of this refusal.
    package var answerHeaders: [Response.Header] {
        switch self {
        case .methodNotAllowed(let allowed):
            let names = allowed.map(\.rawValue).sorted().joined(separator: ", ")
            return [Response.Header("Allow", names)]
        case .methodUnknown:
            let names = Method.allCases.map(\.rawValue).sorted().joined(separator: ", ")
            return [Response.Header("Allow", names)]
        case .rateLimited(let seconds, _):
            return [Response.Header("Retry-After", String(seconds))]
        case .busy, .timedOut, .stopping, .streamsFull:
            return [Response.Header("Retry-After", "2")]
        default:
            return []
        }
    }
}
