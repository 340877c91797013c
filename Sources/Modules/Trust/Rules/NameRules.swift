// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Secrets

/// For which names the authority of a box may vouch.
///
/// An authority that people install could speak for every site of the world. So it is made with
/// constraints that it cannot leave: names that nobody owns in public, the names of this box, and
/// addresses that are used inside networks only.
enum NameRule {
    /// Names of local networks: RFC 6762, RFC 8375, RFC 6761, ICANN's `internal`, and `lan`, which
    /// routers use and nobody can register.
    static let suffixes = ["home.arpa", "internal", "lan", "local", "localhost"]

    /// Address and mask: loopback, RFC 1918, link-local; loopback, RFC 4193 and link-local of IPv6.
    /// They do not depend on what the box has now, so a new lease needs no new authority.
    static let ranges: [[UInt8]] = [
        [127, 0, 0, 0, 255, 0, 0, 0], [10, 0, 0, 0, 255, 0, 0, 0],
        [172, 16, 0, 0, 255, 240, 0, 0], [192, 168, 0, 0, 255, 255, 0, 0],
        [169, 254, 0, 0, 255, 255, 0, 0],
        [UInt8](repeating: 0, count: 15) + [1] + [UInt8](repeating: 255, count: 16),
        [0xfc] + [UInt8](repeating: 0, count: 15) + [0xfe] + [UInt8](repeating: 0, count: 15),
        [0xfe, 0x80] + [UInt8](repeating: 0, count: 14) + [0xff, 0xc0]
            + [UInt8](repeating: 0, count: 14),
    ]

    /// Names of one certificate at most.
    static let most = 100

    /// A host of mail addresses that can never be (RFC 6761): with it nothing else is permitted.
    static let noMail = SubjectName.mailHost("invalid")

    /// The host names below which an authority for this box may vouch.
    static func permits(_ names: BoxNames) -> [String] {
        var permits = suffixes
        for host in names.hosts.prefix(most) where isOwn(host) && !isBelow(host, permits) {
            permits.append(host)
        }
        return permits
    }

    /// The constraints of such an authority.
    static func constraints(_ permits: [String]) -> [SubjectName] {
        permits.map { .dns($0) } + ranges.map { .address($0) } + [noMail]
    }

    /// Whether a host name may become a constraint. A constraint covers all names below it, so a name
    /// without a full stop that could be a top-level domain (letters only: RFC 1123, 2.1, and ICANN's
    /// rule for new ones) would open everything below that domain.
    static func isOwn(_ host: String) -> Bool {
        guard isPlain(host) else { return false }
        if host.contains(".") {
            // A last label of digits only would be an address.
            return host.split(separator: ".").last?.contains { !("0"..."9").contains($0) } ?? false
        }
        return !host.hasPrefix("xn--") && host.contains { $0 == "-" || ("0"..."9").contains($0) }
            && host.contains { !("0"..."9").contains($0) }
    }

    /// Letters, digits and hyphens between full stops (RFC 5890: the form of a certificate).
    private static func isPlain(_ host: String) -> Bool {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        return host.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy {
                        (97...122).contains($0) || (48...57).contains($0) || $0 == 45
                    }
            }
    }

    private static func isBelow(_ host: String, _ permits: [String]) -> Bool {
        permits.contains { host == $0 || host.hasSuffix(".\($0)") }
    }

    /// Whether an authority with these permits may vouch for a name.
    static func covers(_ name: SubjectName, permits: [String]) -> Bool {
        switch name {
        case .dns(let host): isPlain(host) && isBelow(host, permits)
        case .address(let bytes): ranges.contains { isInside(bytes, $0) }
        case .mailHost: false
        }
    }

    private static func isInside(_ address: [UInt8], _ range: [UInt8]) -> Bool {
        guard range.count == address.count * 2 else { return false }
        return address.indices.allSatisfy {
            address[$0] & range[address.count + $0] == range[$0]
        }
    }

    /// What a certificate for the box names: all that its authority may vouch for, and the box as it
    /// calls itself.
    static func named(_ names: BoxNames, permits: [String]) -> [SubjectName] {
        let loopback: [SubjectName] = [
            .dns("localhost"), .address([127, 0, 0, 1]),
            .address([UInt8](repeating: 0, count: 15) + [1]),
        ]
        var named: [SubjectName] = []
        for name in names.all + loopback
        where named.count < most && covers(name, permits: permits) && !named.contains(name) {
            named.append(name)
        }
        return named
    }

    /// The address under which others in the local network reach the box: the first that is neither
    /// loopback nor link-local, IPv4 before IPv6. Nil when there is none.
    static func local(_ names: BoxNames) -> [UInt8]? {
        let usable = names.addresses.filter { address in
            switch address.count {
            case 4: address[0] != 127 && !(address[0] == 169 && address[1] == 254)
            case 16: address[0] != 0 && !(address[0] == 0xfe && address[1] & 0xc0 == 0x80)
            default: false
            }
        }
        return usable.first { $0.count == 4 } ?? usable.first
    }

    /// Where devices in the local network learn to trust the box, by its address or else its name:
    /// not every device knows the name yet. Nil for a box with neither.
    static func page(of names: BoxNames, port: UInt16) -> String? {
        let address = local(names).map { address in
            let text = SubjectName.address(address).text
            return address.count == 16 ? "[\(text)]" : text
        }
        return (address ?? names.hosts.first).map { host in
            "http://\(host)" + (port == 80 ? "" : ":\(port)") + "/trust"
        }
    }

    /// Whether a certificate with `has` stands for a name; `*` stands for one label (RFC 9525, 6.3).
    static func stands(_ has: [SubjectName], for name: SubjectName) -> Bool {
        if has.contains(name) { return true }
        guard case .dns(let host) = name, let dot = host.firstIndex(of: ".") else { return false }
        return has.contains(.dns("*\(host[dot...])"))
    }
}
