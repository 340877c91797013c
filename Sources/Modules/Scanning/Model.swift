// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Catalog
package import Inventory
package import Kernel

/// What the person with the scanner is doing.
package enum ScanTask: String, Sendable, CaseIterable {
    case receive, ship, move
    /// Look up what a code means and what is there; changes nothing.
    case look
    /// Take back the last movement of this scanner.
    case undo
}

/// One pull of the trigger, as it arrives.
package struct Scan: Sendable {
    /// Made by the device; the same event twice is one scan.
    package var event: String
    package var task: ScanTask
    /// What was read, as it was read.
    package var code: String
    /// Code of the bin.
    package var place: String?
    package var toPlace: String?
    /// How often, as a decimal text; nil is once.
    package var count: String?
    package var lot: String?
    package var expiry: BusinessDay?
    package var serial: String?
    /// The choice among candidates after an ambiguous answer.
    package var packaging: ID<Packaging>?
    /// When the device says it was scanned.
    package var at: Instant?

    package init(
        event: String, task: ScanTask, code: String, place: String? = nil,
        toPlace: String? = nil, count: String? = nil, lot: String? = nil,
        expiry: BusinessDay? = nil, serial: String? = nil, packaging: ID<Packaging>? = nil,
        at: Instant? = nil
    ) {
        self.event = event
        self.task = task
        self.code = code
        self.place = place
        self.toPlace = toPlace
        self.count = count
        self.lot = lot
        self.expiry = expiry
        self.serial = serial
        self.packaging = packaging
        self.at = at
    }
}

/// How a scan ended.
package enum ScanOutcome: Sendable {
    /// Goods were moved.
    case moved(Movement, CodeMatch, balance: Quantity)
    /// The last movement was taken back.
    case undone(Movement, CodeMatch)
    /// A look-up: what the code means, and where it lies.
    case found(CodeMatch, [Balance])
    /// The code names a place.
    case place(Place, [Balance])
    /// The code means several packagings; the person chooses.
    case ambiguous([CodeMatch])
    /// Nobody knows the code; what becomes of the scan is for the caller to say.
    case unknown
    /// Nobody knows the code. The scan is kept until the office says what it is.
    case parked(ID<ParkedScan>)
    /// A command from the printed sheet; the device carries it out.
    case command(CommandCode)
}

/// A scan whose code nobody knew.
package struct ParkedScan: IDNoun, Sendable, Equatable {
    package static let prefix = "prk"

    package let id: ID<ParkedScan>
    package let event: String
    package let code: String
    package let task: ScanTask
    package let place: String?
    package let toPlace: String?
    package let count: String?
    package let lot: String?
    package let expiry: BusinessDay?
    package let serial: String?
    /// When it was scanned, by the device's clock if it sent one.
    package let at: Instant
    package let actor: String
    package let actorName: String
    package let state: ParkedState
    /// Whether a packaging has this code by now.
    package let known: Bool
    package let reason: String?
    package let movement: ID<Movement>?
    /// Of the bin that was scanned; nil when nobody knows the bin.
    package let warehouse: ID<Warehouse>?
}

package enum ParkedState: String, Sendable, CaseIterable {
    case open, resolved, dismissed
}

/// What may become of a parked scan.
let parkedLifecycle = Lifecycle<ParkedState>(
    initial: .open,
    transitions: [
        .init(from: .open, verb: "replay", to: .resolved),
        .init(from: .open, verb: "dismiss", to: .dismissed),
    ],
    ends: [.resolved, .dismissed])

/// What a client keeps of the last answer to a scan and sends with the next one: the number of the
/// journal's last entry and the start of its hash. Books whose journal does not go through it were
/// put back to an earlier state, and the client is the one who knows.
struct Acknowledgement: Sendable, Equatable {
    let seq: Int64
    /// The first `proofLength` hexadecimal digits of the entry's hash.
    let proof: String

    static let proofLength = 16
}
