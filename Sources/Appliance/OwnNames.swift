// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc
import Web

/// The names that the box answers to: its own, under which mDNS tells it in the local network, and
/// those that it was given. Addresses need not be listed: a client may always name the address that
/// it has connected to, which stays right when the network gives the box another.
///
/// A site that points its own name at this box (DNS rebinding) is refused, because its name is none
/// of these.
func ownNames(and given: [String]) -> Set<String> {
    var names: Set = ["localhost", "127.0.0.1", "[::1]"]
    names.formUnion(given)
    if let machine = HostField.name(of: machineName()) {
        names.insert(machine)
        if let first = machine.split(separator: ".").first { names.insert("\(first).local") }
    }
    return names
}

/// What gethostname(2) says; no name server is asked. Empty when it says nothing.
private func machineName() -> String {
    // POSIX allows 255 bytes (HOST_NAME_MAX); the last byte stays zero.
    var name = [CChar](repeating: 0, count: 257)
    guard gethostname(&name, name.count - 1) == 0 else { return "" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// The names of a list with commas or spaces in the form in which they are compared.
///
/// Throws the first that is no host name: without scheme, port or path.
package func hostNames(in list: String) throws(HostNameUnreadable) -> [String] {
    var names: [String] = []
    for word in list.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
        guard let name = HostField.plain(String(word)) else {
            throw HostNameUnreadable(text: String(word))
        }
        names.append(name)
    }
    return names
}

/// A text that names no host.
package struct HostNameUnreadable: Error {
    package let text: String
}
