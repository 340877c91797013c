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
    let createdAt: Instant
    let lastSeenAt: Instant?

    init(_ device: Device) {
        id = device.id
        name = device.name
        warehouse = device.warehouse.map { "\(WarehouseMark.prefix)-\($0)" }
        state = Choice(device.state)
        createdAt = device.createdAt
        lastSeenAt = device.lastSeenAt
    }
}

/// A warehouse, of which this room knows no more than that rows may be narrowed to it.
enum WarehouseMark: IDNoun {
    static let prefix = "whs"
}

struct DeviceRequest: WireRecord {
    let name: Name
    let warehouse: ID<WarehouseMark>?
}

/// A new device with its token, which is shown this once.
struct DeviceAdded: WireRecord {
    let device: DeviceView
    let token: String
}

private let managesDevices = Endpoint.Need.permission(AccessPermission.manageDevices)

/// Scanners and terminals.
func deviceEndpoints(_ roles: RoleTable) -> [Route] {
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
        .change(
            .post, "/api/v1/devices", needs: managesDevices,
            summary: "Add a device and show its token, this once",
            query: NoQuery.self, body: DeviceRequest.self,
            answers: DeviceAdded.self, status: 201, refusals: [DoorRefusal.self],
            example: DeviceRequest(name: Name(checked: "Dock scanner 1"), warehouse: nil),
            // The answer holds a token, which must not be kept; a repetition is refused by the name.
            repeats: .allowed
        ) { _, body, caller, tx in
            let opened = try addDevice(
                name: body.name.text, warehouse: body.warehouse?.raw, by: caller, in: tx)
            return DeviceAdded(device: DeviceView(opened.owner), token: opened.token)
        },
        .change(
            .post, "/api/v1/devices/{id}/revocation", needs: managesDevices,
            summary: "Revoke a device; its token is refused from now on", query: ByID<Device>.self,
            body: Empty.self, answers: DeviceView.self, refusals: [DoorRefusal.self],
            example: Empty()
        ) { path, _, caller, tx in
            let device = try revoke(path.id, by: caller, in: tx)
            roles.takenBack.note(at: tx.now)
            return DeviceView(device)
        },
    ]
}
