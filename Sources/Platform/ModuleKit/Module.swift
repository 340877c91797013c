// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Clockwork
package import Journal
package import Kernel
package import SealedStore
import Web

/// A room of the house: all that it brings, as values. Router, API description, permission table,
/// timetable, help and the contract tests are derived from these lists.
package struct Module: Sendable {
    /// `inventory`: the folder below www, the tag in the API description.
    package let name: String
    /// What may be done, and which sensitive fields may be read.
    package let permissions: [Permission]
    /// Ways in which its rows belong to somebody.
    package let dimensions: [RowDimension]
    package let fields: [SensitiveField]
    package let limits: [ActionLimit]
    package let conflicts: [DutyConflict]
    package let schema: RoomSchema
    package let events: [EventKind]
    package let lifecycles: [LifecycleCard]
    package let refusals: [any Refusal.Type]
    package let endpoints: [Route]
    package let listens: [Listener]
    package let jobs: [Job]

    package init(
        _ name: String, permissions: [Permission], schema: RoomSchema, events: [EventKind],
        lifecycles: [LifecycleCard] = [], refusals: [any Refusal.Type], endpoints: [Route],
        listens: [Listener] = [], jobs: [Job] = [], dimensions: [RowDimension] = [],
        fields: [SensitiveField] = [], limits: [ActionLimit] = [], conflicts: [DutyConflict] = []
    ) {
        self.name = name
        self.permissions = permissions + fields.map(\.permission)
        self.dimensions = dimensions
        self.fields = fields
        self.limits = limits
        self.conflicts = conflicts
        self.schema = schema
        self.events = events
        self.lifecycles = lifecycles
        self.refusals = refusals
        self.endpoints = endpoints
        self.listens = listens
        self.jobs = jobs
    }
}

/// What contract tests and screens need to know of a lifecycle, whatever its states are.
package struct LifecycleCard: Sendable {
    package let name: String
    package let states: [String]
    package let unreachable: [String]
    package let deadEnds: [String]

    package init<State>(_ name: String, _ lifecycle: Lifecycle<State>) {
        self.name = name
        states = State.allCases.map(\.rawValue)
        unreachable = lifecycle.unreachable.map(\.rawValue).sorted()
        deadEnds = lifecycle.deadEnds.map(\.rawValue).sorted()
    }
}

/// What the endpoints of the rooms run on.
package struct Premises: Sendable {
    package let store: SealedStore
    /// For reading that is not quick.
    package let looks: WorkQueue
    /// For slow work before a change: parsing, verifying.
    package let works: WorkQueue
    /// For hashing passwords: apart, so that a file being read keeps nobody from signing in, and a
    /// flood of guesses keeps nobody from reading a file.
    package let hashes: WorkQueue
    /// For waiting for somebody outside of the box, which takes seconds and no work: apart, so that a
    /// gateway that does not answer holds up nobody but those who wait for it.
    package let waits: WorkQueue
    /// What the door asks of a change in its own transaction, before anything else.
    package let admit: @Sendable (Caller, WriteTransaction) throws -> Void

    /// - Parameters:
    ///   - hashes: nil hashes where other slow work is done.
    ///   - waits: nil waits there, too.
    package init(
        store: SealedStore, looks: WorkQueue, works: WorkQueue, hashes: WorkQueue? = nil,
        waits: WorkQueue? = nil,
        admit: @escaping @Sendable (Caller, WriteTransaction) throws -> Void = { _, _ in }
    ) {
        self.admit = admit
        self.hashes = hashes ?? works
        self.waits = waits ?? works
        self.store = store
        self.looks = looks
        self.works = works
    }
}
