// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Access
import Foundation
import Kernel
import ModuleKit
import Outbox
import SealedStore
import Synchronization
import Trust
import Web

/// The box: keys, books, doors. Opens the house, lets browsers, scanners and `sluicectl` in, and
/// closes everything again in the order that loses nothing.
package final class Appliance: Sendable {
    private let settings: ApplianceSettings
    private let problems: ProblemWriter
    private let switchboard: Switchboard
    private let practice: Practice
    private let servers: Mutex<[MicroHTTPServer]>
    private let desk: CourierDesk
    private let witness = Witness()
    /// Nobody exchanges the books, and no second daemon serves them.
    private let dataLock: DataLock
    /// Nobody rotates the key while the books may be open.
    private let keyLock: KeyLock

    /// The code for the first administrator; nil when there is one.
    package let setupCode: String?
    /// Where browsers come in.
    package let address: String
    /// Where devices learn to trust the box; nil when it serves plain HTTP.
    package let trustAddress: String?
    private let keeper: CertificateKeeper

    /// Opens everything and starts to serve.
    package init(_ settings: ApplianceSettings) throws {
        self.settings = settings
        try FileManager.default.createDirectory(
            atPath: settings.data, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        dataLock = try DataLock(settings.data)
        do {
            // What a restore or a drill left that was killed.
            try StoreSwap(data: settings.data).clear()
        } catch {
            Log.write(.warning, "what an earlier restore left cannot be removed: \(error)")
        }
        let catalogues = try Catalogues(www: settings.www)
        problems = catalogues.problems
        let screens = try StaticFiles(
            folder: settings.www, reloads: settings.reloadsScreens, workerPages: workerPages)
        let switchboard = Switchboard()
        self.switchboard = switchboard
        let given = settings.hosts
        let keeper = CertificateKeeper(
            TrustDesk(isServing: settings.tls != nil) { boxNames(and: given) }, switchboard)
        self.keeper = keeper
        let hatch = Hatch()
        let desk = CourierDesk(
            switchboard: switchboard, users: courierUsers(named: settings.courierUser),
            hatch: hatch)
        self.desk = desk
        let ring = KeyRing(data: settings.data)
        keyLock = try ring.hold()
        let practice = Practice(
            data: settings.data, key: try ring.open(),
            problems: problems, screens: screens, switchboard: switchboard,
            backup: BackupPlan(spool: settings.spoolPath, keyFile: ring.wrapped), hatch: hatch,
            errands: Self.errandFolder(settings), rate: .average(settings.requestsPerSecond),
            desk: keeper.desk, auditFeed: settings.auditFeed,
            opened: { try keeper.take($0.store) })
        self.practice = practice
        let house = try practice.openHouse()
        switchboard.connect(house)
        setupCode = try house.store.write { try renewSetupCode(in: $0) }
        let note: @Sendable (String) -> Void = { remark in
            // A browser that closes a live stream is no news.
            if remark.contains("no longer available for sending") { return }
            Log.write(.warning, "http: \(remark)")
        }
        let doors = try openDoors(settings, keeper, switchboard, screens, problems, note)
        let control = try MicroHTTPServer(
            settings: ServerSettings(place: .path(settings.controlPath)),
            handler: switchboard, problems: problems, note: note)
        desk.start()
        servers = Mutex(doors.servers + [control])
        (address, trustAddress) = (doors.address, doors.trustAddress)
        openDesk(note)
    }

    /// The folder of files for the courier. A warehouse goes on without it, so a failure is only
    /// told here; backups that need it fail with words of their own.
    private static func errandFolder(_ settings: ApplianceSettings) -> ErrandFolder {
        let folder = ErrandFolder(settings.errandsPath)
        do throws(CarryFault) {
            try folder.make()
        } catch {
            Log.write(.error, "\(error)")
        }
        return folder
    }

    /// Lets the courier come. Who may connect is a matter of the folder and the group; who is
    /// served, of the desk. A warehouse goes on without a courier, so a failure is only told.
    private func openDesk(_ note: @escaping @Sendable (String) -> Void) {
        do {
            let server = try MicroHTTPServer(
                settings: ServerSettings(place: .path(settings.courierPath, mode: 0o660)),
                handler: desk, problems: problems, note: note)
            servers.withLock { $0.append(server) }
        } catch {
            Log.write(.error, "no errands leave the box, no socket for the courier: \(error)")
        }
    }

    /// Whether the writer and the readers still do their work: a trip through the writer's queue
    /// and the sealed store, there and back.
    package func pulse() -> Bool {
        guard let house = switchboard.house else { return true }
        let answered = try? house.store.write { try $0.integer("SELECT 1") == 1 }
        // Practice books come and go, so nothing is to be said about how far they have come.
        if !practice.isActive { witness.note(house.store.ledgerHead, now: systemClock()) }
        return answered == true
    }

    /// Looks at once whether the certificate must be made anew, and shows what the books hold.
    package func reload() { keeper.look() }

    /// Calls `notify` with the reason when the store stops taking writes.
    package func onFence(_ notify: @escaping @Sendable (String) -> Void) {
        practice.onFence(notify)
    }

    /// Lets requests under way finish, then closes the books.
    package func stop() {
        desk.stop()
        for server in servers.withLock({ $0 }) { server.stop() }
        defer {
            keyLock.release()
            dataLock.release()
        }
        guard let house = switchboard.disconnect() else { return }
        house.stop()
        guard !practice.isActive else { return }
        witness.note(house.store.ledgerHead, now: systemClock(), isLast: true)
    }
}
