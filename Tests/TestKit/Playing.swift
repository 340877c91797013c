// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Clockwork
import ModuleKit
import SealedStore
package import Web

extension TestHouse {
    package struct NoJob: Error {
        let name: String
    }

    /// Runs a job of a room here and now.
    package func run(job name: String) throws {
        guard let job = house.modules.flatMap(\.jobs).first(where: { $0.name == name }) else {
            throw NoJob(name: name)
        }
        house.timekeeper.run(job)
    }

    /// How the last run of a job ended: `done …` or `failed …`.
    package func outcome(ofJob name: String) throws -> String {
        let state = try store.read { try $0.jobStates() }.first { $0.name == name }
        guard let state, let succeeded = state.succeeded else { return "not run" }
        return (succeeded ? "done " : "failed ") + state.lastNote
    }

    /// Lets every listener hear what it has not heard. False when one failed.
    package func deliver() -> Bool { house.listeners.deliverAll() }

    package var endpoints: [Endpoint] { house.api.endpoints }

    /// The number of the last event.
    package func head() throws -> Int64 {
        try store.read { try $0.integer("SELECT max(seq) FROM journal_event") ?? 0 }
    }
}
