// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Trust
import Web

/// The doors for browsers and scanners.
struct Doors {
    let servers: [MicroHTTPServer]
    /// Where browsers come in.
    let address: String
    /// The page by which devices learn to trust the box; nil without TLS.
    let trustAddress: String?
}

/// Opens one door for plain HTTP, or, with TLS, that one and a porch beside it.
///
/// - Throws: `MicroHTTPServer.Failure`; what was opened before is closed again.
func openDoors(
    _ settings: ApplianceSettings, _ keeper: CertificateKeeper, _ switchboard: Switchboard,
    _ screens: StaticFiles, _ problems: ProblemWriter, _ note: @escaping @Sendable (String) -> Void
) throws -> Doors {
    var plain = ServerSettings(place: .address(settings.host, port: settings.port))
    plain.connectionsPerAddressMax = settings.connectionsPerAddress
    plain.hosts = ownNames(and: settings.hosts)
    guard let place = settings.tls else {
        let server = try MicroHTTPServer(
            settings: plain, handler: switchboard, problems: problems,
            streams: switchboard.events, note: note)
        return Doors(
            servers: [server], address: settings.plain.url("http", port: server.port),
            trustAddress: nil)
    }
    var secure = plain
    secure.place = .address(place.host, port: place.port)
    secure.tls = keeper.front
    let server = try MicroHTTPServer(
        settings: secure, handler: switchboard, problems: problems, streams: switchboard.events,
        note: note)
    // The porch has little to do, unless scanners work through it.
    if !settings.plainScans { plain.workers = 1 }
    do {
        let porch = try MicroHTTPServer(
            settings: plain,
            handler: Porch(
                house: switchboard, screens: screens, problems: problems, desk: keeper.desk,
                takesScans: settings.plainScans), problems: problems, note: note)
        keeper.desk.setDoors(TrustDesk.Doors(tls: server.port, plain: porch.port))
        return Doors(
            servers: [server, porch], address: place.url("https", port: server.port),
            trustAddress: settings.plain.url("http", port: porch.port) + "/trust")
    } catch {
        server.stop()
        throw error
    }
}

extension ApplianceSettings {
    fileprivate var plain: ListenAddress { ListenAddress(host: host, port: port) }
}
