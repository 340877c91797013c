// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Access
import Audit
import Backup
import Catalog
package import Clockwork
import Foundation
import Inventory
import Journal
package import Kernel
package import ModuleKit
package import Outbox
import Scanning
package import SealedStore
import Synchronization
package import Trust
package import Web

/// The rooms in the order in which they ask each other, lower ones first.
///
/// - Parameters:
///   - hatch: where backups hand their errands to the courier.
///   - errands: folder of the files that go with them.
///   - desk: what is served over TLS, and under which names.
package func allModules(
    hatch: Hatch = Hatch(), errands: ErrandFolder = ErrandFolder("/nonexistent"),
    desk: TrustDesk = .absent
) -> (modules: [Module], roles: RoleTable) {
    let backup = backupModule(by: hatch, through: errands)
    let upper = [
        catalogModule, inventoryModule, scanningModule, backup, trustModule(at: desk),
    ]
    let watched =
        AccessEvent.all + upper.flatMap(\.events) + ErrandEvent.all + SystemEvent.all
    let rooms = upper + [auditModule(watching: watched)]
    let own = AccessPermission.all + SystemPermission.all
    let roles = RoleTable(
        own + rooms.flatMap(\.permissions), dimensions: rooms.flatMap(\.dimensions),
        limits: rooms.flatMap(\.limits),
        conflicts: AccessPermission.conflicts + rooms.flatMap(\.conflicts))
    return ([accessModule(roles, by: hatch)] + rooms, roles)
}

/// Tables of the platform and of every room, in the order of their making.
package func allSchemas(_ modules: [Module]) -> [RoomSchema] {
    [journalSchema, clockworkSchema, kitSchema, outboxSchema] + modules.map(\.schema)
}

/// One set of books with everything that runs on it: store, rooms, listeners, timers, live events.
package final class House: Sendable {
    package let store: SealedStore
    package let modules: [Module]
    package let gate: Gatekeeper
    package let listeners: ListenerRunner
    package let timekeeper: Timekeeper
    package let events: EventHub
    package let api: API
    package let premises: Premises
    let feed: EventFeed
    let clerk: AuditClerk
    /// Nil when the journal is handed on to nobody.
    private let auditFeed: AuditFeed?

    /// What a house is opened with.
    package struct Plan: Sendable {
        package var folder: String
        /// Path of the store's generation ledger; nil for its usual place.
        package var ledger: String?
        package var key: RootKey
        package var clock: @Sendable () -> Instant
        package var problems: ProblemWriter
        /// Answers what no endpoint does: the screens.
        package var otherwise: (any RequestHandler)?
        /// Where live events go; a hub that outlives the house keeps its connections known.
        package var events: EventHub
        /// How much one sender may ask; nil for as much as they like, in tests.
        package var rate: Rate?
        /// How commits can be captured; nil for books that are not backed up.
        package var backup: BackupPlan?
        /// Where backups hand their errands to the courier; one without a desk is never served.
        package var hatch: Hatch
        /// Where the journal is handed on to; nil for nowhere.
        package var auditFeed: FeedPlan?
        /// Folder of the files that go to the courier and come from it.
        package var errands: ErrandFolder
        /// What is served over TLS, and under which names.
        package var desk: TrustDesk

        package init(
            folder: String, ledger: String? = nil, key: RootKey,
            clock: @escaping @Sendable () -> Instant, problems: ProblemWriter,
            otherwise: (any RequestHandler)? = nil,
            events: EventHub = EventHub(streamsMax: Limit.eventStreams),
            backup: BackupPlan? = nil, hatch: Hatch = Hatch(),
            errands: ErrandFolder = ErrandFolder("/nonexistent"), rate: Rate? = nil,
            desk: TrustDesk = .absent
        ) {
            self.desk = desk
            self.folder = folder
            self.ledger = ledger
            self.key = key
            self.clock = clock
            self.problems = problems
            self.otherwise = otherwise
            self.events = events
            self.backup = backup
            self.hatch = hatch
            self.errands = errands
            self.rate = rate
        }
    }

    /// Threads that read lists; as many as the store has readers.
    static let readers = 2
    /// Threads for slow work.
    static let slowWorkers = 2
    /// Password hashes at once: two take 128 MiB and both cores.
    static let hashers = 2
    /// Threads that wait for somebody outside of the box, and how much more waits for them.
    static let waiters = 4
    static let waitsWaiting = 16
    /// Reads that wait before callers are told to come back.
    static let looksWaiting = 1024
    /// Slow pieces of work that wait.
    static let worksWaiting = 32

    /// Opens the books in the plan's folder. Starts nothing; `start` does.
    ///
    /// - Parameter system: endpoints of the appliance itself, which need what is made here.
    package init(
        _ plan: Plan,
        system: @Sendable (HouseParts, Premises) throws -> [Endpoint] = { _, _ in [] }
    ) throws {
        let (modules, roles) = allModules(
            hatch: plan.hatch, errands: plan.errands, desk: plan.desk)
        let store = try SealedStore.open(
            folder: plan.folder, key: plan.key, schemas: allSchemas(modules), clock: plan.clock,
            readers: Self.readers + 1, ledger: plan.ledger, backup: plan.backup)
        self.store = store
        self.modules = modules
        let gate = Gatekeeper(store: store, roles: roles, clock: plan.clock)
        self.gate = gate
        let premises = Premises(
            store: store,
            looks: WorkQueue(name: "look", threads: Self.readers, limit: Self.looksWaiting),
            works: WorkQueue(name: "work", threads: Self.slowWorkers, limit: Self.worksWaiting),
            hashes: WorkQueue(name: "hash", threads: Self.hashers, limit: Self.worksWaiting),
            waits: WorkQueue(name: "wait", threads: Self.waiters, limit: Self.waitsWaiting),
            admit: { try gate.admit($0, in: $1) })
        self.premises = premises
        listeners = ListenerRunner(
            store: store, listeners: modules.flatMap(\.listens) + [anchorLog],
            log: { Log.write(.error, $0) })
        clerk = AuditClerk(store: store, clock: plan.clock)
        let jobs = modules.flatMap(\.jobs) + systemJobs
        timekeeper = Timekeeper(
            store: store, jobs: jobs,
            zone: { (try? store.read { try $0.siteZone() }) ?? .utc }, clock: plan.clock,
            log: { Log.write(.error, $0) })
        events = plan.events
        let kinds = modules.flatMap(\.events) + ErrandEvent.all + SystemEvent.all
        feed = EventFeed(store: store, gate: gate, hub: events, kinds: kinds)
        auditFeed = plan.auditFeed.map { AuditFeed(store: store, plan: $0, kinds: kinds) }
        let parts = HouseParts(
            store: store, events: events, kinds: kinds, jobs: jobs, timekeeper: timekeeper,
            looks: premises.looks)
        var endpoints = try modules.flatMap { module in
            try module.endpoints.map { try $0.endpoint(premises, module.name) }
        }
        endpoints += try (systemRoutes(parts) + errandRoutes).map {
            try $0.endpoint(premises, "system")
        }
        endpoints += try system(parts, premises)
        endpoints.append(
            eventsEndpoint(parts, feed) {
                try gate.caller(of: Request($0), nil, roles, isUse: false)
            })
        for index in endpoints.indices {
            endpoints[index].needsFreshProof = needsFreshProof(endpoints[index])
            endpoints[index].endsViewing =
                AccessPermission.endViewing.contains(endpoints[index].name)
            endpoints[index].isForSessions = isForSessions(endpoints[index])
            endpoints[index].isSensitive = isSensitive(endpoints[index])
        }
        let described = endpoints
        endpoints.append(openAPIEndpoint(describing: described))
        endpoints += healthEndpoints(store) + trustEndpoints()
        api = try API(
            endpoints: endpoints, problems: plan.problems,
            authenticate: { try gate.caller(of: $0, $1, roles) },
            otherwise: plan.otherwise, rates: plan.rate.map { RateLimiter($0) }, witness: clerk)
    }

    /// Starts listeners, timers and the feed of live events.
    package func start() throws {
        let (listeners, feed, auditFeed) = (listeners, feed, auditFeed)
        store.onCommit {
            listeners.ring()
            feed.ring()
            auditFeed?.ring()
        }
        listeners.start()
        clerk.start()
        auditFeed?.start()
        try tellAcceptances(of: store)
        try feed.start()
        try timekeeper.start()
    }

    /// What a stream that begins after an entry of the journal is offered, before anybody's rights are
    /// looked at, oldest first.
    package func pastEvents(after seq: Int64, limit: Int) throws -> [StreamEvent] {
        try feed.past(after: seq, limit: limit)
    }

    /// Stops everything and closes the books. Requests must have ended before.
    package func stop() {
        timekeeper.stop()
        clerk.stop()
        auditFeed?.stop()
        listeners.stop()
        feed.stop()
        events.closeAll()
        premises.looks.stop()
        premises.works.stop()
        premises.hashes.stop()
        premises.waits.stop()
        store.close()
    }
}

/// Whether an endpoint is asked only of somebody who proved a moment ago who they are: every change
/// under a right that could open the house to others.
private func needsFreshProof(_ endpoint: Endpoint) -> Bool {
    guard case .permission(let permission) = endpoint.need else { return false }
    return !endpoint.method.isSafe && AccessPermission.needFreshProof.contains(permission.code)
}

/// Whether an endpoint is about how somebody signs in: whatever the door has for those who are signed
/// in, beside what rights are for.
private func isForSessions(_ endpoint: Endpoint) -> Bool {
    endpoint.tag == "access" && (endpoint.need == .threshold || endpoint.need == .signedIn)
}

/// Whether it is kept who reads this: everything under a right over people, devices and the journal.
private func isSensitive(_ endpoint: Endpoint) -> Bool {
    guard case .permission(let permission) = endpoint.need else { return false }
    return endpoint.method.isSafe && AccessPermission.watchedReading.contains(permission.code)
}

/// What the appliance's own routes are made of.
package struct HouseParts: Sendable {
    let store: SealedStore
    let events: EventHub
    let kinds: [EventKind]
    let jobs: [Job]
    let timekeeper: Timekeeper
    let looks: WorkQueue
}

extension Gatekeeper {
    /// Who sends a request. Over the control socket the kernel says who is at the other end: root
    /// and the daemon's own user may do everything, nobody else gets that far.
    ///
    /// - Parameter isUse: whether this counts as a use of the session, which keeps it alive.
    fileprivate func caller(
        of request: Request, _ reply: Reply?, _ roles: RoleTable, isUse: Bool = true
    ) throws -> Caller {
        guard let user = request.head.peerUser else {
            return try authenticate(request, reply, isUse: isUse)
        }
        guard user == 0 || user == getuid() else { throw AccessRefusal.unauthenticated }
        return Caller(
            actor: .system(user == 0 ? "root" : "local"), name: "sluicectl",
            permissions: roles.permissions(of: .owner), scope: .everything, language: .en)
    }
}
