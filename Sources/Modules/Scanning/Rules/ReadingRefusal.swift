// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// Every "no" to the characters of a code, before anything is looked up.
package enum ReadingRefusal: Refusal, Hashable {
    case codeEmpty
    case codeTooLong(limit: Int)
    /// `position` counts characters of the text as sent, from 0.
    case codeControl(position: Int)
    /// `identifier` is the application identifier, or the symbol when there is none.
    case checkDigit(identifier: String, value: String)
    /// `found` are the up to four characters where an identifier was expected.
    case identifierUnknown(found: String)
    case length(identifier: String)
    case charset(identifier: String)
    /// One of `needs` must stand beside the identifier.
    case pairMissing(identifier: String, needs: [String])
    case pairForbidden(identifier: String, other: String)
    case repeated(identifier: String)
    case dateInvalid(identifier: String, value: String)

    package static let catalogue: [RefusalCode] = [
        RefusalCode("scan.code_empty", .invalid),
        RefusalCode("scan.code_too_long", .invalid),
        RefusalCode("scan.code_control", .invalid),
        RefusalCode("scan.check_digit", .invalid),
        RefusalCode("scan.ai_unknown", .invalid),
        RefusalCode("scan.ai_length", .invalid),
        RefusalCode("scan.ai_charset", .invalid),
        RefusalCode("scan.ai_pair_missing", .invalid),
        RefusalCode("scan.ai_pair_forbidden", .invalid),
        RefusalCode("scan.ai_repeated", .invalid),
        RefusalCode("scan.date_invalid", .invalid),
    ]

    package var code: String {
        switch self {
        case .codeEmpty: "scan.code_empty"
        case .codeTooLong: "scan.code_too_long"
        case .codeControl: "scan.code_control"
        case .checkDigit: "scan.check_digit"
        case .identifierUnknown: "scan.ai_unknown"
        case .length: "scan.ai_length"
        case .charset: "scan.ai_charset"
        case .pairMissing: "scan.ai_pair_missing"
        case .pairForbidden: "scan.ai_pair_forbidden"
        case .repeated: "scan.ai_repeated"
        case .dateInvalid: "scan.date_invalid"
        }
    }

    package var parameters: [String: Fact] {
        switch self {
        case .codeEmpty: [:]
        case .codeTooLong(let limit): ["limit": .integer(Int64(limit))]
        case .codeControl(let position): ["position": .integer(Int64(position))]
        case .checkDigit(let identifier, let value), .dateInvalid(let identifier, let value):
            ["identifier": .text(identifier), "value": .text(value)]
        case .identifierUnknown(let found): ["found": .text(found)]
        case .length(let identifier), .charset(let identifier), .repeated(let identifier):
            ["identifier": .text(identifier)]
        case .pairMissing(let identifier, let needs):
            ["identifier": .text(identifier), "needs": .list(needs.map { .text($0) })]
        case .pairForbidden(let identifier, let other):
            ["identifier": .text(identifier), "other": .text(other)]
        }
    }

    package var pointers: [Pointer] { [Pointer(path: "/code", code: code)] }
}
