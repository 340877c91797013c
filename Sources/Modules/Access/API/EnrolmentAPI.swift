// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore
import Symbology
import Web

/// What a device is enrolled by, shown this once.
struct EnrolmentView: WireRecord {
    /// Names the enrolment; the device sends it.
    let code: String
    /// What the picture says beside it; the device never sends it.
    let secret: String
    /// Code and secret as an address that a camera opens.
    let address: String
    /// The address as a QR code: an SVG document.
    let picture: String
    let until: Instant

    init(_ offer: EnrolmentOffer, origin: String) {
        code = offer.code
        secret = offer.secret
        address = EnrolmentRule.address(origin: origin, code: offer.code, secret: offer.secret)
        picture = QRCode(address)?.svg ?? ""
        until = offer.until
    }
}

struct EnrolmentRequest: WireRecord {
    let code: Word
    let nonce: Nonce
    /// The MAC with the new key over the code.
    let proof: Word
}

/// What a device adds to its key, at random: 16 to 64 of `A-Z a-z 0-9`.
struct Nonce: WireText {
    static let rule = Schema.TextRule(
        least: EnrolmentRule.nonceLeast, most: 64, pattern: "^[A-Za-z0-9]{16,64}$")
    static let sample = Nonce(checked: "f3a94c1b60d27e58")
    let text: String

    init(checked text: String) { self.text = text }

    init(_ text: String) throws(WireFault) {
        guard text.utf8.count >= EnrolmentRule.nonceLeast else { throw WireFault("too_short") }
        guard text.utf8.count <= Self.rule.most else { throw WireFault("too_long") }
        let isPlain = text.unicodeScalars.allSatisfy {
            ("A"..."Z").contains($0) || ("a"..."z").contains($0) || ("0"..."9").contains($0)
        }
        guard isPlain else { throw WireFault("bad_form") }
        self.text = text
    }
}

struct EnrolledDeviceView: WireRecord {
    let device: SelfView
    /// The MAC with the new key over code and device: the box has the same key.
    let proof: String
}

/// What a device may know of itself.
struct SelfView: WireRecord {
    let id: ID<Device>
    let name: String
    let mode: Choice<DeviceMode>
    /// Name of the company, and the zone of its days.
    let site: SiteView
    /// The box's time, in seconds since 1970.
    let time: Int64

    init(_ device: Device, in tx: ReadTransaction) throws {
        let known = try tx.site()
        id = device.id
        name = device.name
        mode = Choice(device.mode)
        site = SiteView(
            name: known?.name ?? "", timeZone: known?.timeZone ?? "UTC",
            practice: known?.isPractice ?? false)
        time = tx.now.microseconds / 1_000_000
    }
}

/// Where the one who asks sees this box, as scheme and host.
func origin(of head: RequestHead) -> String {
    if let origin = head.header("origin") { return origin }
    return "http://\(head.header("host") ?? "localhost")"
}

func enrolmentEndpoints(_ roles: RoleTable) -> [Route] {
    [
        .change(
            .post, "/api/v1/enrolments", needs: .guest,
            summary: "Finish the enrolment of a device: prove its new key", query: NoQuery.self,
            body: EnrolmentRequest.self, answers: EnrolledDeviceView.self, status: 201,
            refusals: [DeviceRefusal.self, DoorRefusal.self],
            example: EnrolmentRequest(
                code: Word(checked: "7Q2MXK4D9T0A"), nonce: .sample,
                proof: Word(checked: "00")), repeats: .allowed,
            prepare: { _, body, _, head, store in
                try enrol(
                    code: body.code.text, nonce: body.nonce.text, proof: body.proof.text,
                    from: head.clientAddress, store: store)
            }
        ) { _, _, done, _, tx in
            // Whoever had a token or an older key has nothing now.
            roles.takenBack.note(at: tx.now)
            return EnrolledDeviceView(device: try SelfView(done.device, in: tx), proof: done.proof)
        },
        .look(
            "/api/v1/device", needs: .signedIn, summary: "Read which device one is, and the time",
            query: NoQuery.self, answers: SelfView.self, refusals: [DoorRefusal.self]
        ) { _, caller, tx in
            guard case .device(let id) = caller.actor else { throw DoorRefusal.deviceUnknown }
            return try SelfView(try require(ID(id), in: tx), in: tx)
        },
    ]
}
