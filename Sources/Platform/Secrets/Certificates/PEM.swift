// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation

/// The text form of certificates and keys. Source: RFC 7468.
package enum PEM {
    /// Blocks of a text at most: a chain and a key, with room to spare.
    private static let blocksMost = 16

    /// One block: its label, such as `CERTIFICATE`, and its bytes.
    package struct Block: Sendable, Equatable {
        package let label: String
        package let bytes: [UInt8]
    }

    /// The blocks of a text in their order; what stands between them is passed over. Nil when a block
    /// does not end, is no base 64, or there are too many.
    package static func blocks(in text: String) -> [Block]? {
        var blocks: [Block] = []
        var label: String?
        var body = ""
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmingCharacters(in: .whitespaces)
            if let begun = name(in: line, after: "-----BEGIN ") {
                guard label == nil, blocks.count < blocksMost else { return nil }
                (label, body) = (begun, "")
            } else if let ended = name(in: line, after: "-----END ") {
                guard ended == label, let data = Data(base64Encoded: body), !data.isEmpty else {
                    return nil
                }
                blocks.append(Block(label: ended, bytes: Array(data)))
                label = nil
            } else if label != nil {
                // Old keys have fields such as "Proc-Type" before their bytes.
                guard !line.contains(":") else { continue }
                body += line
            }
        }
        return label == nil ? blocks : nil
    }

    /// A block as text, 64 characters a line.
    package static func text(_ bytes: [UInt8], label: String) -> String {
        let body = Data(bytes).base64EncodedString(
            options: [.lineLength64Characters, .endLineWithLineFeed])
        return "-----BEGIN \(label)-----\n\(body)\n-----END \(label)-----\n"
    }

    private static func name(in line: String, after start: String) -> String? {
        guard line.hasPrefix(start), line.hasSuffix("-----"), line.count > start.count + 5 else {
            return nil
        }
        return String(line.dropFirst(start.count).dropLast(5))
    }
}
