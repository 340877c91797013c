// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Audit
import Foundation
import Journal
import Secrets

/// Why an export of the journal does not hold.
package enum ExportFault: Error, Sendable, Equatable, CustomStringConvertible {
    case unreadable(String)
    /// The second file is no signature of ours.
    case noSignature(String)
    /// The file is not the one that was signed.
    case changed
    case badSignature
    /// Signed, and with another key than the box's.
    case otherKey(String)
    /// The heading says another number of entries than there are.
    case incomplete

    package var description: String {
        switch self {
        case .unreadable(let path): "\(path) cannot be read, or is larger than any export"
        case .noSignature(let path): "\(path) is no signature of an export"
        case .changed: "the file was changed after it was signed"
        case .badSignature: "the signature was not made with the key that it names"
        case .otherKey(let key): "signed with another key: \(key)"
        case .incomplete: "the file does not hold as many entries as its heading says"
        }
    }
}

/// Checks an export without the box that made it: the file's digest, the signature over it, the key.
package enum ExportCheck {
    /// Bytes of a file at most: many times what the daemon ever gives.
    private static let fileMost = 512 << 20
    /// Bytes of a signature file at most.
    private static let signatureMost = 4096

    /// - Parameter key: the public key of the box, in hexadecimal; nil takes the one in the file.
    package static func check(
        file: String, signature path: String, key: String?
    ) throws(ExportFault) -> (entries: Int, key: String) {
        let bytes = try contents(of: file, most: fileMost)
        let text = String(decoding: try contents(of: path, most: signatureMost), as: UTF8.self)
        return try check(bytes, signature: text, named: path, key: key)
    }

    /// The same for what was read already.
    package static func check(
        _ bytes: [UInt8], signature text: String, named path: String = "", key: String?
    ) throws(ExportFault) -> (entries: Int, key: String) {
        let lines = text.split(separator: "\n").map(String.init)
        guard lines.count == 4, lines[0] == ExportForm.title,
            let digest = field(lines[1], "blake2b-256", 32),
            let named = field(lines[2], "ed25519-key", 32),
            let signature = field(lines[3], "signature", 64)
        else { throw .noSignature(path) }
        let text = Digest.hex(named)
        if let key, key.lowercased() != text { throw .otherKey(text) }
        guard Digest.blake2b(bytes) == digest else { throw .changed }
        guard PublicKey.ed25519(named).verifies(signature, of: ExportForm.signed(digest)) else {
            throw .badSignature
        }
        let entries = bytes.count { $0 == 0x0a } - 1
        let heading = bytes.prefix { $0 != 0x0a }
        let fields =
            (try? JSONSerialization.jsonObject(with: Data(heading))) as? [String: Any] ?? [:]
        guard (fields["rows"] as? Int) == entries else { throw .incomplete }
        return (entries, text)
    }

    private static func field(_ line: String, _ name: String, _ count: Int) -> [UInt8]? {
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 2, words[0] == name, let bytes = Journal.bytes(ofHex: words[1]),
            bytes.count == count
        else { return nil }
        return bytes
    }

    private static func contents(of path: String, most: Int) throws(ExportFault) -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: path) else { throw .unreadable(path) }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: most + 1), data.count <= most else {
            throw .unreadable(path)
        }
        return Array(data)
    }
}
