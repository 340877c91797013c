// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Reads an enum from its column. The column's CHECK lists the cases, so a text that is none of
/// them means that program and schema do not belong together.
package func stored<E: RawRepresentable>(_ text: String) throws -> E where E.RawValue == String {
    guard let value = E(rawValue: text) else {
        throw StoreFault.engine("a column holds \"\(text)\", which is no \(E.self)")
    }
    return value
}
