// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// The codes that the house prints for itself, on shelves and on the sheet beside the scanner.
///
/// `%P` and the code of a place: `%PA-03-2`. `%C` and a verb: `%CUNDO`, `%CX12`. Both are plain
/// ASCII for Code 128 or QR. No GS1 data begins with a percent sign, so they never collide. They
/// must not be printed in Code 39, whose extended form uses the percent sign as a shift.
enum OwnCode: Hashable, Sendable {
    case place(String)
    case command(CommandCode)

    /// The most characters of a place's code.
    static let longestPlace = 40

    /// The highest multiplier, so that a slip cannot book a truck.
    static let highestMultiplier: Int64 = 9_999

    /// Nil when `text` is none of our own codes. The letters in front and the verb may come in
    /// small letters, as a caps lock turns them; the code of a place is kept as printed.
    init?(_ text: [UInt8]) {
        guard text.count > 2, text[0] == UInt8(ascii: "%") else { return nil }
        let rest = text[2...]
        switch text[1] & 0xDF {
        case UInt8(ascii: "P"):
            guard rest.count <= Self.longestPlace, rest.allSatisfy({ (0x21...0x7E).contains($0) })
            else { return nil }
            self = .place(rest.asText)
        case UInt8(ascii: "C"):
            guard let command = CommandCode(verb: rest) else { return nil }
            self = .command(command)
        default: return nil
        }
    }

    /// True when `text` begins like a command, known or not.
    static func looksLikeCommand(_ text: [UInt8]) -> Bool {
        text.count > 2 && text[0] == UInt8(ascii: "%") && text[1] & 0xDF == UInt8(ascii: "C")
    }

    /// The text to print.
    var printed: String {
        switch self {
        case .place(let code): "%P" + code
        case .command(let command): "%C" + command.verb
        }
    }
}

/// What a person tells the house by a scan instead of a key.
package enum CommandCode: Hashable, Sendable {
    /// Takes the last scan back.
    case undo
    case next
    case finish
    case cancel
    /// Acknowledges a stop.
    case confirm
    case receive
    case ship
    case move
    case lookUp
    /// The next item counts this many times.
    case times(Int64)

    private static let verbs: [(String, CommandCode)] = [
        ("UNDO", .undo), ("NEXT", .next), ("FINISH", .finish), ("CANCEL", .cancel),
        ("CONFIRM", .confirm), ("RECEIVE", .receive), ("SHIP", .ship), ("MOVE", .move),
        ("LOOKUP", .lookUp),
    ]

    /// The command of `verb`, `UNDO` or `X12`.
    init?(verb: ArraySlice<UInt8>) {
        let upper = verb.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
        if upper.first == UInt8(ascii: "X"), let number = upper.dropFirst().asNumber {
            guard (1...OwnCode.highestMultiplier).contains(number) else { return nil }
            self = .times(number)
            return
        }
        let name = upper.asText
        guard let found = Self.verbs.first(where: { $0.0 == name }) else { return nil }
        self = found.1
    }

    /// The verb as it stands in the code: `UNDO`, `X12`.
    package var verb: String {
        if case .times(let number) = self { return "X\(number)" }
        return Self.verbs.first { $0.1 == self }?.0 ?? ""
    }
}
