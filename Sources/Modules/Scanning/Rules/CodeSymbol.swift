// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// What kind of code a candidate reads.
enum CodeSymbol: String, Sendable, CaseIterable {
    case ean13
    case ean8
    case upcA = "upc_a"
    case upcE = "upc_e"
    case itf14
    case sscc
    case gs1
    case digitalLink = "digital_link"
    case restricted
    case place
    case command
    case text
}

/// What the three characters say that a scanner may send in front of a code: which symbol it saw.
///
/// Source: ISO/IEC 15424 (data carrier identifiers).
enum SymbolPrefix: Hashable, Sendable {
    /// Element strings: GS1-128, DataBar and composites, GS1 DataMatrix, GS1 QR, GS1 DotCode.
    case gs1
    /// EAN-13, UPC-A and UPC-E, mostly sent as 13 digits.
    case retail
    case ean8
    /// EAN-13 with two or five digits more.
    case retailWithAddOn
    /// Interleaved 2 of 5 whose check digit the device has verified.
    case checkedITF
    /// Any symbol that may hold anything.
    case plain

    /// The meaning of `]` and the two characters behind it.
    static func named(_ letter: UInt8, _ modifier: UInt8) -> Self? {
        guard modifier.isDigit || modifier.isLetter else { return nil }
        switch (Character(UnicodeScalar(letter)), Character(UnicodeScalar(modifier))) {
        case ("C", "1"), ("e", "0"), ("e", "1"), ("e", "2"), ("d", "2"), ("Q", "3"), ("J", "1"):
            return .gs1
        case ("E", "0"): return .retail
        case ("E", "3"): return .retailWithAddOn
        case ("E", "4"): return .ean8
        case ("I", "1"): return .checkedITF
        case ("A", _), ("C", _), ("E", _), ("F", _), ("G", _), ("I", _), ("J", _), ("L", _),
            ("M", _), ("P", _), ("Q", _), ("S", _), ("U", _), ("X", _), ("d", _), ("h", _),
            ("z", _):
            return .plain
        default: return nil
        }
    }
}
