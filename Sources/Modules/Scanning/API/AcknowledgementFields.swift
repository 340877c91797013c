// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Web

/// An acknowledgement on the wire: `1234-0f9c6b…`, the number and 16 hexadecimal digits, in a header
/// of the answer and of the next request.
extension Acknowledgement {
    static let answerField = "Sluice-Acknowledged"
    static let requestField = "Sluice-Last-Acknowledged"
    /// Digits of a number; more are none of ours.
    private static let digitsMax = 18

    var header: Response.Header { Response.Header(Self.answerField, "\(seq)-\(proof)") }

    /// What a request brings; nil when it brings nothing.
    ///
    /// - Throws: `ScanRefusal.acknowledgementMalformed`.
    static func last(of head: RequestHead) throws(ScanRefusal) -> Acknowledgement? {
        guard let text = head.header(requestField.lowercased()) else { return nil }
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, (1...Self.digitsMax).contains(parts[0].utf8.count),
            parts[0].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let seq = Int64(parts[0]), parts[1].utf8.count == Self.proofLength,
            parts[1].utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) })
        else { throw .acknowledgementMalformed }
        return Acknowledgement(seq: seq, proof: String(parts[1]))
    }
}
