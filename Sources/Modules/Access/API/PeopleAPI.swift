// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore
import Web

struct UserView: WireRecord, Tagged {
    let id: ID<User>
    let name: String
    let role: Choice<Role>
    let state: Choice<UserState>
    let language: Choice<Language>
    let createdAt: Instant
    let lastSignInAt: Instant?
    let etag: String

    init(_ user: User) {
        id = user.id
        name = user.name
        role = Choice(user.role)
        state = Choice(user.state)
        language = Choice(user.language)
        createdAt = user.createdAt
        lastSignInAt = user.lastSignInAt
        etag = editionTag(user.edition)
    }
}

struct UserRequest: WireRecord {
    let name: Name
    let password: Secret
    let role: Choice<Role>
    let language: Choice<Language>
}

struct UserEditRequest: WireRecord {
    let role: Choice<Role>?
    let state: Choice<UserState>?
    let language: Choice<Language>?
}

struct PasswordRequest: WireRecord {
    let password: Secret
}

struct RoleView: WireRecord {
    let role: Choice<Role>
    let permissions: [String]
}

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

struct PeopleQuery: Codable, Sendable {
    let limit: PageLimit?
    let after: Cursor?
}

private let managesUsers = Endpoint.Need.permission(AccessPermission.manageUsers)
private let managesDevices = Endpoint.Need.permission(AccessPermission.manageDevices)

/// Users, roles and devices.
func peopleEndpoints(_ roles: RoleTable) -> [Route] {
    [
        .look(
            "/api/v1/users", needs: managesUsers, summary: "List the users",
            query: PeopleQuery.self,
            answers: PageView<UserView>.self
        ) { query, _, tx in
            let request = PageRequest(query.limit, query.after)
            let rows = try tx.users(
                after: try query.after?.integers(1)[0] ?? 0, limit: request.limit + 1)
            return PageView(
                Page(rows, limit: request.limit) { [.integer($0.id.raw)] }.map(UserView.init))
        },
        .change(
            .post, "/api/v1/users", needs: managesUsers, summary: "Add a user",
            query: NoQuery.self,
            body: UserRequest.self, answers: UserView.self, status: 201,
            refusals: [DoorRefusal.self],
            example: UserRequest(
                name: Name(checked: "wang"), password: .sample, role: Choice(.warehouse),
                language: Choice(.zhCN)),
            prepare: { _, body, _, _, _ in try hashed(body.password.text, unlike: [body.name.text])
            }
        ) { _, body, password, caller, tx in
            UserView(
                try addUser(
                    name: body.name.text, password: password, role: body.role.value,
                    language: body.language.value, by: caller, in: tx))
        },
        .look(
            "/api/v1/users/{id}", needs: managesUsers, summary: "Read a user",
            query: ByID<User>.self,
            answers: UserView.self, refusals: [DoorRefusal.self]
        ) { path, _, tx in
            guard let user = try tx.user(path.id) else { throw DoorRefusal.userUnknown }
            return UserView(user)
        },
        .edit(
            "/api/v1/users/{id}", needs: managesUsers,
            summary: "Change a user's role, state or language", query: ByID<User>.self,
            body: UserEditRequest.self, answers: UserView.self, refusals: [DoorRefusal.self],
            example: UserEditRequest(role: Choice(.viewer), state: nil, language: nil)
        ) { path, body, condition, caller, tx in
            let user = try edit(
                path.id,
                UserEdit(
                    role: body.role?.value, state: body.state?.value,
                    language: body.language?.value), if: condition, by: caller, in: tx)
            roles.takenBack.note(at: tx.now)
            return UserView(user)
        },
        .change(
            .post, "/api/v1/users/{id}/password", needs: managesUsers,
            summary: "Set a user's password and end their sessions", query: ByID<User>.self,
            body: PasswordRequest.self, answers: Nothing.self, status: 204,
            refusals: [DoorRefusal.self], example: PasswordRequest(password: .sample),
            prepare: { _, body, _, _, _ in try hashed(body.password.text, unlike: []) }
        ) { path, _, password, caller, tx in
            try setPassword(of: path.id, to: password, keeping: nil, by: caller, in: tx)
            roles.takenBack.note(at: tx.now)
            return Nothing()
        },
        .look(
            "/api/v1/roles", needs: managesUsers, summary: "List the roles and what each may do",
            query: NoQuery.self,
            answers: PageView<RoleView>.self
        ) { _, _, _ in
            PageView(
                items: Role.allCases.map {
                    RoleView(
                        role: Choice($0),
                        permissions: roles.permissions(of: $0).map(\.code).sorted())
                }, next: nil)
        },
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
