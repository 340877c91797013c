// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Clockwork
import Kernel
import SealedStore

/// Addresses change with a lease, so this looks often; it changes something seldom.
private let lookMinutes = 5

func trustJobs(_ desk: TrustDesk) -> [Job] {
    [
        Job(
            "trust.renew", "Make the certificate anew when it ages or the box got other names.",
            .every(minutes: lookMinutes)
        ) { context in
            guard desk.isServing else { return "no TLS" }
            var done: [String] = []
            let look = try context.store.read {
                (isDue: try certificateIsDue(desk, in: $0), now: $0.now)
            }
            if look.isDue {
                try context.store.write {
                    _ = try keepCertificate(desk, at: look.now, by: context.caller, in: $0)
                }
                done.append("made anew")
            }
            if try context.store.write({ try tellEnding(by: context.caller, in: $0) }) {
                done.append("ends soon")
            }
            return done.isEmpty ? "good" : done.joined(separator: ", ")
        }
    ]
}
