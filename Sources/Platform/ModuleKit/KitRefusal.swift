// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel
package import Web

/// What the wrapper around every change refuses.
package enum KitRefusal: Refusal, Equatable {
    /// The same key came before with another request.
    case keyReused
    case keyMalformed
    /// The record has changed since it was read.
    case stale(current: String)
    case busy

    package static let catalogue: [RefusalCode] = [
        RefusalCode("request.key_reused", .invalid),
        RefusalCode("request.key_malformed", .unreadable),
        RefusalCode("request.stale", .stale),
        RefusalCode("request.busy", .busy),
    ]

    package var code: String {
        switch self {
        case .keyReused: "request.key_reused"
        case .keyMalformed: "request.key_malformed"
        case .stale: "request.stale"
        case .busy: "request.busy"
        }
    }

    package var parameters: [String: Fact] {
        switch self {
        case .stale(let current): ["etag": .text(current)]
        case .keyReused, .keyMalformed, .busy: [:]
        }
    }
}

extension KitRefusal: AnswerHeaders {
    /// Says when to come back (RFC 9110, 10.2.3): the queue is worked off within seconds.
    package var answerHeaders: [Response.Header] {
        guard case .busy = self else { return [] }
        return [Response.Header("Retry-After", "5")]
    }
}

/// The version of a record that an edit was made on (If-Match, RFC 9110, 13.1.1).
package struct EditCondition: Sendable {
    private let given: String

    package init(_ given: String) { self.given = given }

    /// Throws unless `tag` is the version that the caller saw.
    package func require(_ tag: String) throws(KitRefusal) {
        guard given == "\"\(tag)\"" || given == "*" else { throw .stale(current: tag) }
    }
}

/// The ETag of the `edition`-th version of a record.
package func editionTag(_ edition: Int64) -> String { "e\(edition)" }
