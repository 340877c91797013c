// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// The states of a kind of document and how it may pass from one to another.
package struct Lifecycle<
    State: RawRepresentable & CaseIterable & Hashable & Sendable
>: Sendable where State.RawValue == String {
    /// A step that is allowed.
    package struct Transition: Hashable, Sendable {
        package let from: State
        package let verb: String
        package let to: State

        package init(from: State, verb: String, to: State) {
            self.from = from
            self.verb = verb
            self.to = to
        }
    }

    package let initial: State
    package let transitions: [Transition]
    /// States in which a document may stay for ever.
    package let ends: Set<State>

    package init(initial: State, transitions: [Transition], ends: Set<State>) {
        self.initial = initial
        self.transitions = transitions
        self.ends = ends
    }

    /// All states, in the order of their declaration.
    package var states: [State] { Array(State.allCases) }

    /// The steps that may be taken from `state`, in the order of their declaration.
    package func legal(from state: State) -> [Transition] {
        transitions.filter { $0.from == state }
    }

    /// Whether some verb leads from one state to the other.
    package func allows(from state: State, to target: State) -> Bool {
        transitions.contains { $0.from == state && $0.to == target }
    }

    /// Whether `verb` may be done in `state`.
    package func allows(_ verb: String, from state: State) -> Bool {
        transitions.contains { $0.from == state && $0.verb == verb }
    }

    /// The step itself; refuses one that is not among the transitions and names those that are.
    @discardableResult
    package func require(
        from state: State, verb: String, to target: State
    ) throws(LifecycleRefusal) -> Transition {
        let step = Transition(from: state, verb: verb, to: target)
        guard transitions.contains(step) else { throw illegal(verb, from: state) }
        return step
    }

    /// The state after `verb`; refuses a step that is not allowed and names those that are.
    package func after(_ verb: String, from state: State) throws(LifecycleRefusal) -> State {
        guard let step = transitions.first(where: { $0.from == state && $0.verb == verb }) else {
            throw illegal(verb, from: state)
        }
        return step.to
    }

    private func illegal(_ verb: String, from state: State) -> LifecycleRefusal {
        .illegal(state: state.rawValue, verb: verb, legal: legal(from: state).map(\.verb))
    }

    /// States that no path from the first one reaches.
    package var unreachable: Set<State> {
        var reached: Set<State> = [initial]
        var grew = true
        while grew {
            let next = reached.union(transitions.filter { reached.contains($0.from) }.map(\.to))
            grew = next.count > reached.count
            reached = next
        }
        return Set(State.allCases).subtracting(reached)
    }

    /// States that nothing leaves although they are not meant as ends.
    package var deadEnds: Set<State> {
        Set(State.allCases.filter { legal(from: $0).isEmpty }).subtracting(ends)
    }
}

/// Why a document may not take a step.
package enum LifecycleRefusal: Refusal, Equatable {
    case illegal(state: String, verb: String, legal: [String])

    package static let catalogue: [RefusalCode] = [RefusalCode("lifecycle.illegal", .conflict)]

    package var code: String { "lifecycle.illegal" }

    package var parameters: [String: Fact] {
        switch self {
        case .illegal(let state, let verb, let legal):
            [
                "state": .text(state), "verb": .text(verb),
                "legal": .list(legal.map { .text($0) }),
            ]
        }
    }
}
