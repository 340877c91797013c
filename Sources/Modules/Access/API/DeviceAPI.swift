// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore
import Web

struct DeviceView: WireRecord {
    let id: ID<Device>
    let name: String
    let warehouse: String?
    let state: Choice<DeviceState>
    let mode: Choice<DeviceMode>
    let createdAt: Instant
    let lastSeenAt: Instant?
    /// Whether a picture waits for the device.
    let enrolling: Bool

    init(_ device: Device) {
        id = device.id
        name = device.name
        warehouse = device.warehouse.map { "\(WarehouseMark.prefix)-\($0)" }
        state = Choice(device.state)
        mode = Choice(device.mode)
        createdAt = device.createdAt
        lastSeenAt = device.lastSeenAt
        enrolling = device.isEnrolling
    }
}

/// A warehouse, of which this room knows no more than that rows may be narrowed to it.
enum WarehouseMark: IDNoun {
    static let prefix = "whs"
}

struct DeviceRequest: WireRecord {
    let name: Name
    let warehouse: ID<WarehouseMark>?
    /// A device that signs is enrolled by a picture; without a mode it gets a token.
    let mode: Choice<DeviceMode>?
}

struct DeviceEditRequest: WireRecord {
    let name: Name
    let warehouse: ID<WarehouseMark>?
}

/// A new device with its token or with its enrolment, which are shown this once.
struct DeviceAdded: WireRecord {
    let device: DeviceView
    let token: String?
    let enrolment: EnrolmentView?
}

private let managesDevices = Endpoint.Need.permission(AccessPermission.manageDevices)

/// Scanners and terminals.
func deviceEndpoints(_ roles: RoleTable) -> [Route] {
    listedDevices(roles) + [
        .change(
            .post, "/api/v1/devices", needs: managesDevices,
            summary: "Add a device and show its token or its enrolment, this once",
            query: NoQuery.self, body: DeviceRequest.self,
            answers: DeviceAdded.self, status: 201, refusals: [DoorRefusal.self],
            example: DeviceRequest(
                name: Name(checked: "Dock scanner 1"), warehouse: nil, mode: Choice(.signed)),
            // The answer holds a secret, which must not be kept; a repetition is refused by the name.
            repeats: .allowed, prepare: { _, _, _, head, _ in origin(of: head) }
        ) { _, body, origin, caller, tx in
            let (name, warehouse) = (body.name.text, body.warehouse?.raw)
            if body.mode?.value == .signed {
                let (device, offer) = try addSigningDevice(
                    name: name, warehouse: warehouse, by: caller, in: tx)
                return DeviceAdded(
                    device: DeviceView(device), token: nil,
                    enrolment: EnrolmentView(offer, origin: origin))
            }
            let opened = try addDevice(name: name, warehouse: warehouse, by: caller, in: tx)
            return DeviceAdded(
                device: DeviceView(opened.owner), token: opened.token, enrolment: nil)
        },
        .change(
            .post, "/api/v1/devices/{id}/enrolment", needs: managesDevices,
            summary: "Give a device a key of its own, or a new one, by a picture that is good once",
            query: ByID<Device>.self, body: Empty.self, answers: EnrolmentView.self, status: 201,
            refusals: [DoorRefusal.self, DeviceRefusal.self], example: Empty(),
            repeats: .allowed, prepare: { _, _, _, head, _ in origin(of: head) }
        ) { path, _, origin, caller, tx in
            EnrolmentView(try beginEnrolment(of: path.id, by: caller, in: tx), origin: origin)
        },
        .change(
            .post, "/api/v1/devices/{id}/token", needs: managesDevices,
            summary: "Give a device a new token instead of what it has, and show it, this once",
            query: ByID<Device>.self, body: Empty.self, answers: DeviceAdded.self, status: 201,
            refusals: [DoorRefusal.self, DeviceRefusal.self], example: Empty(),
            repeats: .allowed
        ) { path, _, caller, tx in
            let opened = try renewToken(of: path.id, by: caller, in: tx)
            roles.takenBack.note(at: tx.now)
            return DeviceAdded(
                device: DeviceView(opened.owner), token: opened.token, enrolment: nil)
        },
    ]
}

private func listedDevices(_ roles: RoleTable) -> [Route] {
    [
        .look(
            "/api/v1/devices", needs: managesDevices, summary: "List the scanners and terminals",
            query: PeopleQuery.self, answers: PageView<DeviceView>.self
        ) { query, _, tx in
            let request = PageRequest(query.limit, query.after)
            let rows = try tx.devices(
                after: try query.after?.integers(1)[0] ?? 0, limit: request.limit + 1)
            return PageView(
                Page(rows, limit: request.limit) { [.integer($0.id.raw)] }.map(DeviceView.init))
        },
        .look(
            "/api/v1/devices/{id}", needs: managesDevices, summary: "Read a device",
            query: ByID<Device>.self, answers: DeviceView.self, refusals: [DoorRefusal.self]
        ) { path, _, tx in DeviceView(try require(path.id, in: tx)) },
        .change(
            .put, "/api/v1/devices/{id}", needs: managesDevices,
            summary: "Give a device another name or warehouse", query: ByID<Device>.self,
            body: DeviceEditRequest.self, answers: DeviceView.self, refusals: [DoorRefusal.self],
            example: DeviceEditRequest(name: Name(checked: "Dock scanner 1"), warehouse: nil)
        ) { path, body, caller, tx in
            let device = try edit(
                path.id, name: body.name.text, warehouse: body.warehouse?.raw, by: caller, in: tx)
            roles.takenBack.note(at: tx.now)
            return DeviceView(device)
        },
        .change(
            .post, "/api/v1/devices/{id}/revocation", needs: managesDevices,
            summary: "Revoke a device; what it has is refused from now on",
            query: ByID<Device>.self, body: Empty.self, answers: DeviceView.self,
            refusals: [DoorRefusal.self], example: Empty()
        ) { path, _, caller, tx in
            let device = try revoke(path.id, by: caller, in: tx)
            roles.takenBack.note(at: tx.now)
            return DeviceView(device)
        },
    ]
}
