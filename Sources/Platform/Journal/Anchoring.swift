// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel
package import SealedStore
import Secrets

/// The state of the journal at one moment, in a form that is kept outside the box: whoever has it can
/// tell later whether the journal still leads through there.
///
/// As a line: `sluice-anchor 1 SEQ TIME HASH MAC`. The MAC is made with the chain's key, so a line
/// that somebody else wrote is told apart from one that the journal no longer fits.
package struct JournalAnchor: Sendable, Equatable {
    /// The last entry: also the number of entries.
    package let seq: Int64
    package let at: Instant
    package let hash: [UInt8]
    package let mac: [UInt8]

    package static let macLength = 16
    /// Characters of a line at most.
    package static let lineMost = 256
    private static let word = "sluice-anchor"
    private static let version = "1"

    package init(seq: Int64, at: Instant, hash: [UInt8], mac: [UInt8]) {
        self.seq = seq
        self.at = at
        self.hash = hash
        self.mac = mac
    }

    package var line: String {
        "\(Self.word) \(Self.version) \(seq) \(at.rfc3339) \(Digest.hex(hash)) \(Digest.hex(mac))"
    }

    /// Reads a line, as it was printed or mailed: spaces and line ends around and between do not
    /// matter. Nil for what is none.
    package init?(line: String) {
        guard line.utf8.count <= Self.lineMost else { return nil }
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.count == 6, words[0] == Self.word, words[1] == Self.version,
            let seq = Int64(words[2]), seq > 0, let at = try? Instant(rfc3339: words[3]),
            let hash = bytes(ofHex: words[4]), hash.count == Digest.length,
            let mac = bytes(ofHex: words[5]), mac.count == Self.macLength
        else { return nil }
        self.init(seq: seq, at: at, hash: hash, mac: mac)
    }

    static func mac(_ seq: Int64, _ at: Instant, _ hash: [UInt8], _ key: ChainKey) -> [UInt8] {
        let text = "\(word) \(version) \(seq) \(at.microseconds) \(Digest.hex(hash))"
        return Array(key.hash(Array(text.utf8)).prefix(macLength))
    }
}

/// Bytes of hexadecimal text; nil for what is none.
package func bytes(ofHex text: String) -> [UInt8]? {
    let letters = Array(text.utf8)
    guard letters.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: letters.count, by: 2) {
        guard let high = digit(letters[index]), let low = digit(letters[index + 1]) else {
            return nil
        }
        bytes.append(high << 4 | low)
    }
    return bytes
}

private func digit(_ letter: UInt8) -> UInt8? {
    switch letter {
    case 0x30...0x39: letter - 0x30
    case 0x61...0x66: letter - 0x61 + 10
    case 0x41...0x46: letter - 0x41 + 10
    default: nil
    }
}

extension ReadTransaction {
    /// Anchors, newest first, at most `limit`.
    package func journalAnchors(limit: Int) throws -> [JournalAnchor] {
        try all(
            "SELECT seq, at_us, hash, mac FROM journal_anchor ORDER BY seq DESC LIMIT ?", [limit]
        ) {
            JournalAnchor(
                seq: $0.int64(0), at: Instant(microseconds: $0.int64(1)), hash: $0.bytes(2),
                mac: $0.bytes(3))
        }
    }

    /// Whether this anchor was made by these books.
    func isOurs(_ anchor: JournalAnchor, _ sections: [ChainSection]) -> Bool {
        sections.contains {
            equalInConstantTime(
                anchor.mac, JournalAnchor.mac(anchor.seq, anchor.at, anchor.hash, $0.key))
        }
    }
}

extension WriteTransaction {
    /// Keeps an anchor of the journal as it is now; nil when there is nothing to anchor. The caller
    /// tells it.
    package func anchorJournal() throws -> JournalAnchor? {
        guard let mark = try journalMark() else { return nil }
        let key = try chainKey(for: mark.seq + 1)
        // To the second, as the line says it.
        let at = Instant(microseconds: now.microseconds / 1_000_000 * 1_000_000)
        let anchor = JournalAnchor(
            seq: mark.seq, at: at, hash: mark.hash,
            mac: JournalAnchor.mac(mark.seq, at, mark.hash, key))
        try runUntold(
            """
            INSERT INTO journal_anchor (seq, at_us, hash, mac) VALUES (?, ?, ?, ?)
            ON CONFLICT (seq) DO NOTHING
            """, [anchor.seq, anchor.at, anchor.hash, anchor.mac])
        return anchor
    }
}
