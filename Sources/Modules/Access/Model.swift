// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// A person who signs in.
package struct User: IDNoun, Sendable, Equatable {
    package static let prefix = "usr"

    package let id: ID<User>
    package let name: String
    package let state: UserState
    package let language: Language
    package let createdAt: Instant
    package let lastSignInAt: Instant?
    /// Counts the edits, for ETags.
    package let edition: Int64
    /// Until when the password, given by somebody else, opens the door once; nil for one's own.
    let oneTimeUntil: Instant?
    /// The second factors that are set up; empty when the password is all.
    let factors: Set<Factor>

    /// Those that count where a second factor is demanded: a message can be read by others.
    var strongFactors: Set<Factor> { factors.subtracting([.sms]) }
}

package enum UserState: String, Sendable, CaseIterable {
    case active, suspended
}

/// The name of a bundle of permissions: a role that comes with the house, or `rol-7`, one that was
/// made here.
package struct Role: Hashable, Sendable, CustomStringConvertible {
    package let code: String

    package init(_ code: String) { self.code = code }

    package init(_ shipped: ShippedRole) { code = shipped.rawValue }

    init(_ id: ID<CustomRole>) { code = id.description }

    package static let owner = Role(.owner)

    package var description: String { code }
    /// Nil when it was made here.
    var shipped: ShippedRole? { ShippedRole(rawValue: code) }
    /// Nil when it came with the house.
    var custom: ID<CustomRole>? { ID(text: code) }
}

/// The roles that come with the house.
package enum ShippedRole: String, Sendable, CaseIterable {
    case owner
    case itAdmin = "it_admin"
    case securityAuditor = "security_auditor"
    case financeManager = "finance_manager"
    case accountant
    case salesManager = "sales_manager"
    case salesperson
    case orderClerk = "order_clerk"
    case warehouseManager = "warehouse_manager"
    case receiver, picker, packer, counter, buyer, marketing, support
    case dealerAdmin = "dealer_admin"
    case dealerUser = "dealer_user"
}

/// A role that was made here out of permissions.
package struct CustomRole: IDNoun, Sendable, Equatable {
    package static let prefix = "rol"

    let id: ID<CustomRole>
    let name: String
    let purpose: String
    let state: RoleState
    /// Codes of its permissions; some may be unknown to this version.
    let rights: Set<String>
    /// Largest amounts by the names of their limits.
    let most: [String: Int64]
    let edition: Int64
}

enum RoleState: String, Sendable, CaseIterable {
    case active, retired
}

/// A role as the rules look at it, wherever it comes from.
struct RoleCard: Sendable, Equatable {
    let role: Role
    /// Nil when the language catalogues have it.
    let name: String?
    let purpose: String?
    let rights: Set<String>
    let most: [String: Int64]
    let state: RoleState
    let edition: Int64
}

/// A role in somebody's hands: for how long, and within which rows.
struct Grant: IDNoun, Sendable, Equatable {
    static let prefix = "grt"

    let id: ID<Grant>
    let user: ID<User>
    let role: Role
    let state: GrantState
    /// Not before; nil at once.
    let from: Instant?
    /// Not at or after; nil until it is ended.
    let until: Instant?
    /// Rows that may be looked at, and rows that may be changed.
    let reads: Bounds
    let writes: Bounds
    /// The grant of somebody else that was lent; nil when it is one of its own.
    let lent: ID<Grant>?
    let note: String
    let given: Stamp
    /// Nil as long as nobody confirmed it, and when nobody had to.
    let confirmed: Stamp?
    let ended: Stamp?
}

/// Who did something, and when.
struct Stamp: Sendable, Equatable {
    let actor: String
    let name: String
    let at: Instant
}

enum GrantState: String, Sendable, CaseIterable {
    /// Waits for a second person.
    case waiting
    case active, ended, declined
}

/// What may become of a grant.
let grantLifecycle = Lifecycle<GrantState>(
    initial: .waiting,
    transitions: [
        .init(from: .waiting, verb: "confirm", to: .active),
        .init(from: .waiting, verb: "decline", to: .declined),
        .init(from: .active, verb: "end", to: .ended),
    ],
    ends: [.ended, .declined])

/// Somebody looking through another's eyes.
struct Viewing: Sendable, Equatable {
    let user: ID<User>
    let until: Instant
}

/// A scanner or terminal that shows a credential of its own and can only scan.
package struct Device: IDNoun, Sendable, Equatable {
    package static let prefix = "dev"

    package let id: ID<Device>
    package let name: String
    /// The warehouse beyond which the device sees nothing; nil sees all.
    package let warehouse: Int64?
    package let state: DeviceState
    package let mode: DeviceMode
    package let createdAt: Instant
    package let lastSeenAt: Instant?
    /// Whether a picture waits for the device.
    let isEnrolling: Bool
}

package enum DeviceState: String, Sendable, CaseIterable {
    /// Is to be enrolled first.
    case waiting
    case active, revoked
}

/// How a device shows that it is it.
package enum DeviceMode: String, Sendable, CaseIterable {
    /// Signs every request with a key that it never sends.
    case signed
    /// Sends the same token with every request: for scanners that cannot sign.
    case token
}

/// A device that is to come by its key.
struct Enrolment: Sendable, Equatable {
    let device: ID<Device>
    /// As it is kept: sealed a second time.
    let secret: [UInt8]
    let createdAt: Instant
    let failures: Int64
}

/// A credential that a person made for a program of theirs.
struct APIToken: IDNoun, Sendable, Equatable {
    static let prefix = "tok"

    let id: ID<APIToken>
    let user: ID<User>
    let name: String
    let grant: TokenGrant
    let createdAt: Instant
    let expiresAt: Instant
    let usedAt: Instant?
    /// Until when the text before the last rotation is good; nil when there is none.
    let graceUntil: Instant?
}

/// What a token may do, where and from where. Never more than its person may.
struct TokenGrant: Sendable, Equatable {
    let permissions: Set<String>
    /// Nil narrows nothing.
    let warehouses: Set<Int64>?
    /// Empty for anywhere.
    let addresses: [String]
}

/// A signed-in browser. The token itself is never kept, only its digest.
struct Session: IDNoun, Sendable, Equatable {
    static let prefix = "ses"

    let id: ID<Session>
    let user: ID<User>
    let createdAt: Instant
    let seenAt: Instant
    /// When the person last proved that it is they.
    let provedAt: Instant
    /// Where the session was opened, and with which browser.
    let address: String
    let agent: String
    let way: Way
}

/// How somebody came in.
enum Way: String, Sendable, CaseIterable {
    case setup, password, totp, recovery, passkey, sms
}

/// A second factor.
enum Factor: String, Sendable, CaseIterable {
    /// Codes that an app shows (RFC 6238).
    case totp
    /// A key in a phone, a computer or a stick (WebAuthn).
    case passkey
    /// Codes that come by short message: weaker, and only beside one of the others.
    case sms
}

/// The seed of somebody's one-time codes.
struct TotpSeed: Sendable, Equatable {
    /// As it is kept: sealed a second time.
    let sealed: [UInt8]
    /// Nil until a code from it was given once.
    let confirmedAt: Instant?
    /// The last step whose code was taken.
    let lastStep: Int64
}

/// A telephone to which short messages with codes go.
struct Phone: Sendable, Equatable {
    /// The number as it is kept: sealed a second time.
    let sealed: [UInt8]
    /// Nil until a code that was sent to it was typed back.
    let confirmedAt: Instant?
}

/// What is shown of somebody's telephone, and whether codes can be sent to it now.
struct PhoneHint: Sendable, Equatable {
    let lastDigits: String
    let isReachable: Bool
}

/// The one code that is on its way to somebody, or waits to be typed.
struct SentCode: Sendable, Equatable {
    /// The sign-in that it finishes; nil when it confirms a number.
    let ticket: ID<Ticket>?
    let salt: [UInt8]
    let digest: [UInt8]
    let sentAt: Instant
    let failures: Int64
}

/// The service that sends short messages, as it is kept.
struct KeptGateway: Sendable, Equatable {
    let isOn: Bool
    /// How it is reached, with its secret: sealed a second time.
    let sealed: [UInt8]
}

/// A key that somebody signs in with.
struct Passkey: IDNoun, Sendable, Equatable {
    static let prefix = "psk"

    let id: ID<Passkey>
    let user: ID<User>
    /// Names the key to its authenticator.
    let credential: [UInt8]
    let algorithm: KeyAlgorithm
    /// x and y of a P-256 point, or the 32 bytes of an Ed25519 key.
    let key: [UInt8]
    /// Grows with each use on authenticators that count; else 0.
    let counter: Int64
    let name: String
    let createdAt: Instant
    let usedAt: Instant?
}

/// Numbers of COSE algorithms that are taken. Source: RFC 8152, section 8.
enum KeyAlgorithm: Int64, Sendable, CaseIterable {
    case es256 = -7
    case eddsa = -8
}

/// A sign-in whose password was right and whose second factor is still asked for.
struct Ticket: IDNoun, Sendable, Equatable {
    static let prefix = "tkt"

    let id: ID<Ticket>
    let user: ID<User>
    let createdAt: Instant
    let failures: Int64
}

/// A browser from which somebody signed in before: strangers' failures do not keep it out.
struct Lane: IDNoun, Sendable, Equatable {
    static let prefix = "lan"

    let id: ID<Lane>
    let user: ID<User>
}

/// Something about their own account that a person must hear of.
struct Notice: IDNoun, Sendable, Equatable {
    static let prefix = "ntc"

    let id: ID<Notice>
    let kind: NoticeKind
    let by: String
    let at: Instant
}

enum NoticeKind: String, Sendable, CaseIterable {
    case recoveryUsed = "recovery_used"
    case factorsReset = "factors_reset"
    case passwordReset = "password_reset"
    case rescued
    case counterBack = "counter_back"
}

/// Tries to sign in to one account, from one address or from one browser.
struct Throttle: Sendable, Equatable {
    /// Failures in a row.
    let failures: Int64
    /// Nobody may try before.
    let until: Instant
}

/// From where a request comes, as far as the door cares.
struct Visitor: Sendable {
    let address: String
    /// What the browser calls itself.
    let agent: String
    /// The token of a browser from which somebody signed in before; nil without one.
    let laneToken: String?
    /// The request, for the journal.
    var origin: Origin?
    /// The token of the session that this browser has now; a new one takes its place.
    var sessionToken: String?
}
