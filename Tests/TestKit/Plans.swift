// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import SealedStore

extension SealedStore {
    /// How SQLite goes about a statement, a line for each step.
    package func plan(of sql: String, _ arguments: [any SQLBindable] = []) throws -> [String] {
        try read { tx in
            try tx.all("EXPLAIN QUERY PLAN \(sql)", arguments) { $0.text(3) }
        }
    }
}

extension [String] {
    /// The steps that read a whole table or index, without those over `few`: short tables.
    package func fullScans(besides few: Set<String> = []) -> [String] {
        filter { step in
            step.hasPrefix("SCAN")
                && !few.contains(String(step.split(separator: " ").dropFirst().first ?? ""))
        }
    }

    /// The steps that sort.
    package var sorts: [String] { filter { $0.contains("TEMP B-TREE") } }
}
