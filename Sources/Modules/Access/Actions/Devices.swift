// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
package import Kernel
import ModuleKit
package import SealedStore

/// Adds a device that sends a token, which is shown this once.
func addDevice(
    name: String, warehouse: Int64?, by caller: Caller, in tx: WriteTransaction
) throws -> Opened<Device> {
    let token = newDeviceToken()
    let device = try insert(name, warehouse, token: token, by: caller, in: tx)
    return Opened(owner: device, token: token)
}

/// Adds a device that is to sign, and begins its enrolment.
func addSigningDevice(
    name: String, warehouse: Int64?, by caller: Caller, in tx: WriteTransaction
) throws -> (device: Device, offer: EnrolmentOffer) {
    let device = try insert(name, warehouse, token: nil, by: caller, in: tx)
    return (device, try beginEnrolment(of: device.id, by: caller, in: tx))
}

private func insert(
    _ name: String, _ warehouse: Int64?, token: String?, by caller: Caller,
    in tx: WriteTransaction
) throws -> Device {
    guard try !tx.deviceIsNamed(name) else { throw DoorRefusal.deviceNameTaken(name: name) }
    let id = try tx.insertDevice(
        name: name, token: token.map(tokenDigest), warehouse: warehouse)
    try tx.tell(
        AccessEvent.deviceAdded, about: id.description,
        ["name": .text(name), "warehouse": warehouse.map { .integer($0) } ?? .none], by: caller)
    return try require(id, in: tx)
}

/// Gives a device another name, or other rows to see.
func edit(
    _ id: ID<Device>, name: String, warehouse: Int64?, by caller: Caller, in tx: WriteTransaction
) throws -> Device {
    let old = try require(id, in: tx)
    guard try !tx.deviceIsNamed(name, except: id) else {
        throw DoorRefusal.deviceNameTaken(name: name)
    }
    try tx.updateDevice(id, name: name, warehouse: warehouse)
    try tx.tell(
        AccessEvent.deviceChanged, about: id.description,
        [
            "name": .list([.text(old.name), .text(name)]),
            "warehouse": .list(
                [old.warehouse, warehouse].map { one in one.map { .integer($0) } ?? .none }),
        ], by: caller)
    return try require(id, in: tx)
}

/// Revokes a device; revoking it again changes nothing.
func revoke(_ id: ID<Device>, by caller: Caller, in tx: WriteTransaction) throws -> Device {
    let device = try require(id, in: tx)
    guard device.state != .revoked else { return device }
    try tx.revokeDevice(id)
    try tx.tell(
        AccessEvent.deviceRevoked, about: id.description,
        [
            "name": .text(device.name),
            "state": .list([.text(device.state.rawValue), .text(DeviceState.revoked.rawValue)]),
        ], by: caller)
    return try require(id, in: tx)
}

/// A new token for a device, whatever it had before: that is good no more.
func renewToken(
    of id: ID<Device>, by caller: Caller, in tx: WriteTransaction
) throws -> Opened<Device> {
    let device = try requireInUse(id, in: tx)
    let token = newDeviceToken()
    try tx.setToken(tokenDigest(token), of: id)
    try tx.tell(
        AccessEvent.deviceTokenRenewed, about: id.description,
        [
            "name": .text(device.name),
            "mode": .list([device.mode, .token].map { .text($0.rawValue) }),
        ],
        by: caller)
    return Opened(owner: try require(id, in: tx), token: token)
}

/// What the picture on the screen says.
struct EnrolmentOffer: Sendable {
    let code: String
    let secret: String
    let until: Instant
}

/// Begins an enrolment, which takes the place of one that was begun before. What the device has
/// now stays good until it has its new key, so nothing stands still meanwhile.
func beginEnrolment(
    of id: ID<Device>, by caller: Caller, in tx: WriteTransaction
) throws -> EnrolmentOffer {
    let device = try requireInUse(id, in: tx)
    let (code, secret) = newEnrolment()
    try tx.setEnrolment(
        of: id, code: tokenDigest(code),
        secret: tx.fields.seal(Array(secret.utf8), for: secretPlace(id)))
    try tx.tell(
        AccessEvent.enrolmentBegun, about: id.description, ["name": .text(device.name)],
        by: caller)
    return EnrolmentOffer(
        code: code, secret: secret, until: try tx.now.adding(seconds: EnrolmentRule.seconds))
}

func require(_ id: ID<Device>, in tx: ReadTransaction) throws -> Device {
    guard let device = try tx.device(id) else { throw DoorRefusal.deviceUnknown }
    return device
}

private func requireInUse(_ id: ID<Device>, in tx: ReadTransaction) throws -> Device {
    let device = try require(id, in: tx)
    guard device.state != .revoked else { throw DeviceRefusal.revoked }
    return device
}

/// Uses up the sequence number of a signed request, in the transaction of what it changes: the
/// number is used exactly when the change is there.
package func takeSequence(of caller: Caller, in tx: WriteTransaction) throws {
    guard let number = caller.sequence, case .device(let raw) = caller.actor else { return }
    let id = ID<Device>(raw)
    var window = try tx.sequences(of: id)
    guard window.take(number) else { throw DeviceRefusal.sequenceUsed(next: window.high + 1) }
    try tx.setSequences(window, of: id)
}

/// Where the key of a device is kept, for the seal that it has of its own.
func keyPlace(_ device: ID<Device>) -> String { "access_device.key \(device)" }

/// Where the secret of an enrolment is kept.
func secretPlace(_ device: ID<Device>) -> String { "access_enrolment.secret \(device)" }
