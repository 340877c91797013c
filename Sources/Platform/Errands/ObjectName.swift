// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// The name of an object at a target: pieces of letters, digits and `. _ - =` between slashes.
///
/// Such a name is the same text in a URL, in a signature, in a path of any file system and in a
/// command of SFTP, so nothing is ever escaped. No piece starts with a point: `..` leads nowhere,
/// and names with a point are free for what is not complete yet.
package struct ObjectName: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let text: String

    /// Throws `ErrandRefusal.fieldInvalid` for a text of another form.
    package init(_ text: String) throws(ErrandRefusal) {
        guard Self.isName(text) else {
            throw .fieldInvalid(
                field: "object",
                wants: "letters, digits and . _ - = in pieces between slashes, none of which "
                    + "starts with a point")
        }
        self.text = text
    }

    static func isName(_ text: String) -> Bool {
        let bytes = text.utf8
        guard (1...ErrandLimit.nameBytes).contains(bytes.count) else { return false }
        let pieces = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return pieces.count <= ErrandLimit.nameDepth
            && pieces.allSatisfy { piece in
                piece.first != nil && piece.first != UInt8(ascii: ".")
                    && piece.allSatisfy(isNameByte)
            }
    }

    /// Whether `text` can be the beginning of a name, or is empty.
    static func isPrefix(_ text: String) -> Bool {
        text.isEmpty || isName(text) || (text.hasSuffix("/") && isName(String(text.dropLast())))
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "-"), UInt8(ascii: "="):
            true
        default: false
        }
    }

    package var description: String { text }

    /// By bytes, as S3 lists them.
    package static func < (a: ObjectName, b: ObjectName) -> Bool {
        a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
    }
}

/// Why an errand is not taken.
package enum ErrandRefusal: Refusal, Equatable {
    /// A field of an errand or a target is not of the form that it must have.
    case fieldInvalid(field: String, wants: String)
    /// Another courier took over; this one has to end.
    case courierReplaced

    package static let catalogue: [RefusalCode] = [
        RefusalCode("errand.field_invalid", .invalid),
        RefusalCode("errand.courier_replaced", .conflict),
    ]

    package var code: String {
        switch self {
        case .fieldInvalid: "errand.field_invalid"
        case .courierReplaced: "errand.courier_replaced"
        }
    }

    package var parameters: [String: Fact] {
        switch self {
        case .fieldInvalid(let field, let wants): ["field": .text(field), "wants": .text(wants)]
        case .courierReplaced: [:]
        }
    }
}
