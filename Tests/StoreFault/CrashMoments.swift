// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

@testable import SealedStore

/// At which moments of a record the power is cut, where most steps write a draft that does not count
/// yet: names matter more.
struct CrashMoments {
    /// Moments at one step, at most.
    private static let most = 12.0
    private let share: Double
    private var due = 0.0

    /// - Parameter states: how many states one walk through the events shall give. No more, so that
    ///   the last steps have theirs, too.
    init(_ events: [Event], states: Int) {
        let whole = events.reduce(0) { $0 + CrashMoments.weight($1) }
        share = min(CrashMoments.most, Double(states) / Double(max(1, whole)))
    }

    /// How often the power is cut right after an event.
    mutating func count(after event: Event) -> Int {
        due += share * Double(CrashMoments.weight(event))
        let count = due.rounded(.down)
        due -= count
        return Int(count)
    }

    private static func weight(_ event: Event) -> Int {
        switch event {
        case .step(.rename), .step(.exchange), .step(.remove), .step(.flushFolder),
            .step(.makeFolder):
            8
        case .step(.flush), .step(.create): 4
        case .step(.write), .step(.truncate): 1
        case .step(.read), .acknowledged, .slots: 0
        }
    }
}

extension CrashKind {
    static func any(_ dice: inout Dice) -> CrashKind { allCases[dice.below(allCases.count)] }
}

extension CrashState {
    /// What a second cut leaves of what was done to this state, somewhere amid the events.
    func cutAgain(
        _ events: [Event], in folder: String, _ dice: inout Dice
    ) -> (kind: CrashKind, state: CrashState) {
        let tree = CrashTree(folder, self)
        for case .step(let step) in events.prefix(dice.below(events.count + 1)) {
            tree.apply(step)
        }
        let kind = CrashKind.any(&dice)
        return (kind, tree.state(kind, &dice))
    }
}
