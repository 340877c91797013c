// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Secrets
import Web

/// What a client keeps of the last answer to a scan and sends with the next one: the number of the
/// journal's last entry and the start of its hash. Books whose journal does not go through it were
/// put back to an earlier state, and the client is the one who knows.
///
/// On the wire: `1234-0f9c6b…`, the number and 16 hexadecimal digits.
struct Acknowledgement: Sendable, Equatable {
    let seq: Int64
    let proof: String

    static let answerField = "Sluice-Acknowledged"
    static let requestField = "Sluice-Last-Acknowledged"
    private static let proofBytes = 8
    /// Digits of a number; more are none of ours.
    private static let digitsMax = 18

    init(_ mark: JournalMark) {
        seq = mark.seq
        proof = Digest.hex(Array(mark.hash.prefix(Self.proofBytes)))
    }

    var header: Response.Header { Response.Header(Self.answerField, "\(seq)-\(proof)") }

    /// What a request brings; nil when it brings nothing.
    ///
    /// - Throws: `ScanRefusal.acknowledgementMalformed`.
    static func last(of head: RequestHead) throws(ScanRefusal) -> Acknowledgement? {
        guard let text = head.header(requestField.lowercased()) else { return nil }
        guard let read = Acknowledgement(reading: text) else { throw .acknowledgementMalformed }
        return read
    }

    private init?(reading text: String) {
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, (1...Self.digitsMax).contains(parts[0].utf8.count),
            parts[0].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let seq = Int64(parts[0]), parts[1].utf8.count == 2 * Self.proofBytes,
            parts[1].utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) })
        else { return nil }
        self.seq = seq
        proof = String(parts[1])
    }
}
