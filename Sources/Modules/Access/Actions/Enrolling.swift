// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import ModuleKit
import SealedStore
import Secrets

/// A device that has its key, and what proves to it that the box has the same.
struct EnrolmentDone: Sendable {
    let device: Device
    let proof: String
}

/// Finishes an enrolment: the key is made of the secret, which only the picture said, and of what
/// the device added; whoever photographs the picture later has no key.
///
/// Wrong codes count for the address, wrong proofs for the enrolment; both are counted before they
/// are looked at, in the transaction that acts on them.
func enrol(
    code: String, nonce: String, proof: String, from address: String, store: SealedStore
) throws -> EnrolmentDone {
    let result = try store.write { tx -> Result<EnrolmentDone, any Error> in
        let keys: [ThrottleKey] = [.address(address)]
        try takeTry(keys, in: tx)
        guard let enrolment = try tx.enrolment(code: tokenDigest(code)),
            EnrolmentRule.isGood(enrolment, at: tx.now),
            let device = try tx.device(enrolment.device), device.state != .revoked
        else {
            try tellRefused(code, "code", address, in: tx)
            return .failure(DeviceRefusal.enrolmentVoid)
        }
        let secret = try tx.fields.open(enrolment.secret, for: secretPlace(device.id))
        let key = HMAC.sha256(
            EnrolmentRule.keyMessage(nonce: nonce), key: String(decoding: secret, as: UTF8.self))
        let expected = HMAC.sha256(EnrolmentRule.proofMessage(code: code), key: key)
        guard equalInConstantTime(Array(expected.utf8), Array(proof.lowercased().utf8)) else {
            try tx.noteFailure(ofEnrolment: device.id)
            try tellRefused(device.id.description, "proof", address, in: tx)
            return .failure(DeviceRefusal.enrolmentWrong)
        }
        try giveBack(keys, in: tx)
        try tx.setKey(tx.fields.seal(Array(key.utf8), for: keyPlace(device.id)), of: device.id)
        try tx.tell(
            AccessEvent.deviceEnrolled, about: device.id.description,
            ["name": .text(device.name), "address": .text(address)],
            by: .named(.device(device.id.raw), device.name))
        return .success(
            EnrolmentDone(
                device: try require(device.id, in: tx),
                proof: HMAC.sha256(
                    EnrolmentRule.answerMessage(code: code, device: device.id), key: key)))
    }
    return try result.get()
}

/// - Parameter about: the device; for a code that nobody has, only that there was one.
private func tellRefused(
    _ about: String, _ reason: String, _ address: String, in tx: WriteTransaction
) throws {
    try tx.tell(
        AccessEvent.enrolmentRefused, about: reason == "code" ? "enrolment" : about,
        ["reason": .text(reason), "address": .text(address)], by: .guest)
}
