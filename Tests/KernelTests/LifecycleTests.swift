// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Testing

private enum Light: String, CaseIterable, Sendable {
    case draft, open, done, lost, stuck
}

struct LifecycleTests {
    private let lifecycle = Lifecycle<Light>(
        initial: .draft,
        transitions: [
            .init(from: .draft, verb: "open", to: .open),
            .init(from: .open, verb: "finish", to: .done),
            .init(from: .open, verb: "jam", to: .stuck),
            .init(from: .open, verb: "keep", to: .open),
        ],
        ends: [.done])

    @Test func `a legal step leads to its state`() throws {
        #expect(try lifecycle.after("open", from: .draft) == .open)
        #expect(try lifecycle.require(from: .open, verb: "keep", to: .open).to == .open)
        #expect(lifecycle.allows(from: .open, to: .done))
        #expect(lifecycle.allows("finish", from: .open))
        #expect(lifecycle.legal(from: .open).map(\.verb) == ["finish", "jam", "keep"])
    }

    @Test func `a step that is not legal is refused with those that are`() {
        let refusal = LifecycleRefusal.illegal(state: "draft", verb: "finish", legal: ["open"])
        #expect(throws: refusal) { try lifecycle.after("finish", from: .draft) }
        #expect(throws: refusal) { try lifecycle.require(from: .draft, verb: "finish", to: .done) }
        #expect(throws: LifecycleRefusal.self) {
            try lifecycle.require(from: .draft, verb: "open", to: .done)
        }
        #expect(!lifecycle.allows(from: .draft, to: .done))
        #expect(!lifecycle.allows("finish", from: .draft))
        #expect(refusal.code == "lifecycle.illegal")
        #expect(refusal.kind == .conflict)
        #expect(refusal.parameters["legal"] == .list([.text("open")]))
    }

    @Test func `states that nothing reaches or leaves are found`() {
        #expect(lifecycle.unreachable == [.lost])
        #expect(lifecycle.deadEnds == [.lost, .stuck])
        #expect(lifecycle.states == Light.allCases)
    }

    @Test func `a step is allowed exactly when it is a transition`() {
        for from in Light.allCases {
            for to in Light.allCases {
                let isListed = lifecycle.transitions.contains { $0.from == from && $0.to == to }
                #expect(lifecycle.allows(from: from, to: to) == isListed)
            }
        }
    }
}
