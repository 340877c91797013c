// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// What may be done with the box itself.
package enum SystemPermission {
    package static let seeJobs = Permission("job.see", .whole, isReading: true)
    package static let runJobs = Permission("job.run")
    package static let verify = Permission("system.verify")
    package static let practise = Permission("practice.manage")

    package static let all = [seeJobs, runJobs, verify, practise]
}

/// Why the box itself does not do something.
package enum SystemRefusal: Refusal, Equatable {
    case jobUnknown(name: String)
    case practiceUnderWay
    case practiceMissing
    case notSetUp

    package static let catalogue: [RefusalCode] = [
        RefusalCode("job.unknown", .notFound),
        RefusalCode("practice.under_way", .conflict),
        RefusalCode("practice.missing", .conflict),
        RefusalCode("practice.not_set_up", .conflict),
    ]

    package var code: String {
        switch self {
        case .jobUnknown: "job.unknown"
        case .practiceUnderWay: "practice.under_way"
        case .practiceMissing: "practice.missing"
        case .notSetUp: "practice.not_set_up"
        }
    }

    package var parameters: [String: Fact] {
        switch self {
        case .jobUnknown(let name): ["name": .text(name)]
        case .practiceUnderWay, .practiceMissing, .notSetUp: [:]
        }
    }
}
