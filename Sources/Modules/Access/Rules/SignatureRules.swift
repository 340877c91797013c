// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// What a signed request says in its Authorization field:
/// `Sluice-MAC device=dev-7, sequence=42, time=1764384000, mac=<64 hexadecimal digits>`.
///
/// The form is that of RFC 9110, 11.4, without quotes; every parameter once, in any order.
struct SignatureMark: Sendable, Equatable {
    static let scheme = "Sluice-MAC"
    /// Bytes of the field: the longest that is well formed has 130.
    private static let lengthMax = 256
    /// The largest number that a browser's script counts to without loss.
    private static let numberMax: Int64 = 1 << 53 - 1

    let device: ID<Device>
    /// Greater than any before, except that a few may overtake each other (`SequenceWindow`).
    let sequence: Int64
    /// Seconds since 1970 by the device's clock.
    let seconds: Int64
    /// In lower case.
    let mac: String

    /// Whether the field is meant to be one, well formed or not.
    static func isMeant(by field: String) -> Bool {
        let start = field.utf8.prefix(scheme.utf8.count + 1)
        return start.elementsEqual((scheme + " ").utf8) { $0 == $1 || $0 | 0x20 == $1 | 0x20 }
    }

    /// Nil for anything that is not in the one form. By bytes: a walk over characters would cost more
    /// than the signature.
    init?(_ field: String) {
        let bytes = Array(field.utf8)
        guard bytes.count <= Self.lengthMax, Self.isMeant(by: field) else { return nil }
        var values = [ArraySlice<UInt8>?](repeating: nil, count: Self.names.count)
        let pieces = bytes.dropFirst(Self.scheme.utf8.count + 1).split(
            separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        for piece in pieces {
            guard let equals = piece.firstIndex(of: UInt8(ascii: "=")),
                let place = Self.names.firstIndex(where: {
                    $0.elementsEqual(Self.trimmed(piece[..<equals]))
                }), values[place] == nil
            else { return nil }
            values[place] = Self.trimmed(piece[(equals + 1)...])
        }
        guard
            let device = values[0].flatMap({ ID<Device>(text: String(decoding: $0, as: UTF8.self)) }
            ),
            let sequence = values[1].flatMap(Self.number), sequence > 0,
            let seconds = values[2].flatMap(Self.number), let mac = values[3], mac.count == 64,
            mac.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        self.mac = String(decoding: mac, as: UTF8.self)
        (self.device, self.sequence, self.seconds) = (device, sequence, seconds)
    }

    private static let names = ["device", "sequence", "time", "mac"].map { Array($0.utf8) }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        var bytes = bytes.drop(while: isBlank)
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return bytes
    }

    /// Digits without sign and without zeros before them.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        guard (1...16).contains(digits.count), digits.count == 1 || digits.first != 0x30 else {
            return nil
        }
        var number: Int64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            // Sixteen digits stay far below 2⁶³.
            number = number * 10 + Int64(digit - 0x30)
        }
        return number <= numberMax ? number : nil
    }

    /// The text whose MAC the device sends: eight lines, without an end of line behind the last.
    ///
    /// - Parameters:
    ///   - target: path and query as they are sent.
    ///   - mediaType: of the body, lower case, without parameters; empty without a body.
    ///   - bodyHash: SHA-256 of the body in lower-case hexadecimal digits, also of an empty one.
    func message(method: String, target: String, mediaType: String, bodyHash: String) -> String {
        "sluice-mac-1\n\(method)\n\(target)\n\(mediaType)\n\(bodyHash)\n"
            + "\(device)\n\(sequence)\n\(seconds)"
    }

    /// The text whose MAC goes back with the answer: it belongs to this request and no other.
    func answerMessage(status: Int, bodyHash: String) -> String {
        "sluice-answer-1\n\(mac)\n\(status)\n\(bodyHash)"
    }
}

/// Sequence numbers of a device that were used: the highest, and which of the 63 below it.
///
/// As in RFC 4303, 3.4.3: requests that overtake each other are taken, none is taken twice, and
/// what lies further behind is refused.
struct SequenceWindow: Sendable, Equatable {
    static let width: Int64 = 64

    private(set) var high: Int64
    /// Bit n stands for `high` - n.
    private(set) var seen: UInt64

    init(high: Int64 = 0, seen: UInt64 = 0) {
        (self.high, self.seen) = (high, seen)
    }

    /// Uses a number up. False when it was used before or lies too far behind.
    mutating func take(_ number: Int64) -> Bool {
        guard number > 0 else { return false }
        if number > high {
            let step = number - high
            seen = step < Self.width ? seen << UInt64(step) | 1 : 1
            high = number
            return true
        }
        let behind = high - number
        guard behind < Self.width, seen >> UInt64(behind) & 1 == 0 else { return false }
        seen |= 1 << UInt64(behind)
        return true
    }
}

/// How far a device's clock may be from the box's.
enum ClockRule {
    /// Seconds that a request may be old: what was held back on the way longer is refused.
    static let oldest: Int64 = 300
    /// Seconds that it may come from the future.
    static let newest: Int64 = 60

    /// - Parameter opened: when these books were opened, in seconds; a request that was signed
    ///   before was meant for others, or its sequence number may be forgotten.
    static func allows(_ seconds: Int64, at now: Int64, opened: Int64) -> Bool {
        seconds >= opened && seconds >= now - oldest && seconds <= now + newest
    }
}

/// How a device comes by its key.
enum EnrolmentRule {
    /// For how long the code on the screen is good.
    static let seconds: Int64 = 600
    /// Wrong proofs after which it is void.
    static let failuresMost: Int64 = 5
    /// Characters of base 32: what names the enrolment, and what only the picture says.
    static let codeLength = 12
    static let secretLength = 32
    /// Characters of what the device adds by itself.
    static let nonceLeast = 16

    static func isGood(_ enrolment: Enrolment, at now: Instant) -> Bool {
        enrolment.failures < failuresMost
            && now.microseconds - enrolment.createdAt.microseconds < seconds * 1_000_000
    }

    /// What the device's key is made of, by the MAC with the secret.
    static func keyMessage(nonce: String) -> String { "sluice-device-1\n\(nonce)" }

    /// What the device proves with its new key.
    static func proofMessage(code: String) -> String { "sluice-enrol-1\n\(code)" }

    /// What the box proves with it in return.
    static func answerMessage(code: String, device: ID<Device>) -> String {
        "sluice-enrolled-1\n\(code)\n\(device)"
    }

    /// The address that the picture holds. What follows the number sign never leaves the device
    /// (RFC 3986, 3.5), so the secret does not cross the network.
    static func address(origin: String, code: String, secret: String) -> String {
        "\(origin)/ui/access/enrolment.html#\(code).\(secret)"
    }
}
