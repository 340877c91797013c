// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Web

/// The number that a client keeps of the last answer to a scan and sends with the next one. Books
/// that do not reach it were put back to an earlier state, and the client is the one who knows.
enum Acknowledgement {
    static let answerField = "Sluice-Acknowledged"
    static let requestField = "Sluice-Last-Acknowledged"
    /// Digits of a number; more are none of ours.
    private static let digitsMax = 18

    static func header(_ number: Int64) -> Response.Header {
        Response.Header(answerField, String(number))
    }

    /// The number that a request brings; nil when it brings none.
    ///
    /// - Throws: `ScanRefusal.acknowledgementMalformed`.
    static func last(of head: RequestHead) throws(ScanRefusal) -> Int64? {
        guard let text = head.header(requestField.lowercased()) else { return nil }
        guard (1...digitsMax).contains(text.utf8.count),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int64(text)
        else { throw .acknowledgementMalformed }
        return number
    }
}
