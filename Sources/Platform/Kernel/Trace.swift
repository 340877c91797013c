// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Why a decision came out as it did, step by step, for the person who asks.
package struct Trace: Hashable, Sendable {
    /// One rule that took part.
    package struct Step: Hashable, Sendable {
        package let rule: String
        package let version: Int
        package let input: Fact
        package let effect: Fact

        package init(rule: String, version: Int, input: Fact, effect: Fact) {
            self.rule = rule
            self.version = version
            self.input = input
            self.effect = effect
        }
    }

    package private(set) var steps: [Step]

    package init(_ steps: [Step] = []) { self.steps = steps }

    package mutating func add(_ step: Step) { steps.append(step) }

    /// The trace as a fact, to be kept with the document.
    package var fact: Fact {
        .list(
            steps.map {
                .record([
                    "rule": .text($0.rule), "version": .integer(Int64($0.version)),
                    "input": $0.input, "effect": $0.effect,
                ])
            })
    }
}
