// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A "no" with a name: an error that somebody can read, look up and mend.
///
/// Every room has one enum with a case for each of its refusals. The code is stable; texts are
/// found by it in the language catalogues. Anything thrown that is not a Refusal is a fault of
/// ours.
package protocol Refusal: Error, Sendable {
    /// All codes that this type can give, for the API description and the help pages.
    static var catalogue: [RefusalCode] { get }
    /// `stock.insufficient`: room or noun, a full stop, the obstacle.
    var code: String { get }
    /// What kind of obstacle it is; by default what the catalogue says of the code.
    var kind: RefusalKind { get }
    /// The facts that a person needs to act on it.
    var parameters: [String: Fact] { get }
    /// The fields of the request that are at fault.
    var pointers: [Pointer] { get }
}

extension Refusal {
    package var parameters: [String: Fact] { [:] }
    package var pointers: [Pointer] { [] }

    /// A code that is not listed is `invalid`.
    package var kind: RefusalKind {
        Self.catalogue.first { $0.code == code }?.kind ?? .invalid
    }
}

/// A code with its kind.
package struct RefusalCode: Hashable, Sendable {
    package let code: String
    package let kind: RefusalKind

    package init(_ code: String, _ kind: RefusalKind) {
        self.code = code
        self.kind = kind
    }
}

/// The kinds of obstacles. Only the edge turns a kind into an HTTP status.
package enum RefusalKind: String, Hashable, Sendable, CaseIterable {
    case invalid, unreadable, unauthenticated, forbidden, notFound, conflict, stale
    case preconditionMissing, tooLarge, tooMany, busy, warning, unsupportedMedia, notAllowed
    case misdirected

    /// The status of RFC 9110 that says it.
    package var status: Int {
        switch self {
        case .invalid: 422
        case .unreadable: 400
        case .unauthenticated: 401
        case .forbidden: 403
        case .notFound: 404
        case .conflict, .warning: 409
        case .stale: 412
        case .preconditionMissing: 428
        case .tooLarge: 413
        case .tooMany: 429
        case .busy: 503
        case .unsupportedMedia: 415
        case .notAllowed: 405
        case .misdirected: 421
        }
    }
}

/// A field of a request (RFC 6901) and what is wrong with it.
package struct Pointer: Hashable, Sendable {
    package let path: String
    package let code: String

    package init(path: String, code: String) {
        self.path = path
        self.code = code
    }
}
