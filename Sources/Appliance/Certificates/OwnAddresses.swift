// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc

/// The addresses of this machine's network cards, each 4 or 16 bytes.
///
/// The usual call (getifaddrs(3)) talks to the kernel by netlink, a family of sockets that the unit
/// forbids. An older call gives the addresses of IPv4 over any socket, and a file of our own
/// process those of IPv6.
func ownAddresses() -> [[UInt8]] { addressesOfFour() + addressesOfSix() }

/// Cards that are looked at: more than a box has, few enough to be read at once.
private let cardsMost = 128

/// SIOCGIFCONF of netdevice(7): each `struct ifreq` of 40 bytes is a name of 16 bytes and a
/// `struct sockaddr`, of which an IPv4 address is the fifth to eighth byte.
private func addressesOfFour() -> [[UInt8]] {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return [] }
    defer { close(socket) }
    let (size, getConfiguration) = (40, UInt(0x8912))
    var cards = [UInt8](repeating: 0, count: cardsMost * size)
    let filled: Int = cards.withUnsafeMutableBytes { buffer in
        // `struct ifconf`: the room in bytes, then, eight bytes from the start, where it is.
        var request: (room: Int, place: UnsafeMutableRawPointer?) = (
            buffer.count, buffer.baseAddress
        )
        guard ioctl(socket, getConfiguration, &request) == 0 else { return 0 }
        return min(Int(Int32(truncatingIfNeeded: request.room)), buffer.count)
    }
    var addresses: [[UInt8]] = []
    for start in stride(from: 0, to: max(0, filled) / size * size, by: size) {
        let address = Array(cards[(start + 20)..<(start + 24)])
        if !addresses.contains(address) { addresses.append(address) }
    }
    return addresses
}

/// Lines of proc(5), `net/if_inet6`: 32 hexadecimal digits, then number, prefix, scope, flags, name.
private func addressesOfSix() -> [[UInt8]] {
    guard let data = FileManager.default.contents(atPath: "/proc/self/net/if_inet6") else {
        return []
    }
    var addresses: [[UInt8]] = []
    for line in String(decoding: data.prefix(65_536), as: UTF8.self).split(separator: "\n")
        .prefix(cardsMost)
    {
        let fields = line.split(separator: " ")
        // Temporary addresses (flag 0x01) are gone tomorrow.
        guard fields.count >= 6, fields[0].utf8.count == 32,
            let flags = UInt8(fields[4], radix: 16), flags & 0x01 == 0
        else { continue }
        let digits = Array(fields[0])
        let bytes = stride(from: 0, to: 32, by: 2).compactMap {
            UInt8(String(digits[$0...($0 + 1)]), radix: 16)
        }
        if bytes.count == 16 { addresses.append(bytes) }
    }
    return addresses
}
