// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import ArgumentParser
import Kernel

/// The daemon: keeps the books, serves browsers and scanners.
@main
struct Sluiced: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sluiced", abstract: "The daemon of Sluice.", version: sluiceVersion)

    @Option(help: "Folder of all data; made when it is not there.")
    var data = "/var/lib/sluice"

    @Option(help: "Address and port to listen on, HOST:PORT; port 0 takes a free one.")
    var listen = "127.0.0.1:8080"

    @Option(
        help: ArgumentHelp(
            "Address and port to listen on over TLS, HOST:PORT.",
            discussion: """
                The place of --listen then gives the page by which devices learn to trust the box, \
                and leads everybody else here.
                """))
    var listenTLS: String?

    @Flag(
        help: ArgumentHelp(
            "Let scanners that know no TLS scan over plain HTTP.",
            discussion: "Whoever listens in the network reads what they send, tokens too."))
    var plainScans = false

    @Option(help: "Folder of the screens.")
    var www = "/usr/share/sluice/www"

    @Option(help: "Path of the control socket; control.sock in the data folder by default.")
    var control: String?

    @Option(help: "Path of the courier's socket; courier.sock in the data folder by default.")
    var courier: String?

    @Option(help: "User that the courier runs as.")
    var courierUser = "sluice-courier"

    @Option(help: "Folder of captured commits, best on another disk; spool in the data folder.")
    var spool: String?

    @Option(help: "Folder of files for the courier, which it may use; errands in the data folder.")
    var errands: String?

    @Flag(help: "Read screens again when they change on disk.")
    var reloadScreens = false

    @Option(help: "Connections that one address may hold.")
    var connectionsPerAddress = 64

    @Option(
        help: ArgumentHelp(
            "A name under which browsers reach the box, beside its own and its addresses.",
            discussion: "May be repeated, or be a list with commas. Every other name is refused."))
    var host: [String] = []

    @Option(help: "Requests a second that one scanner, person or token may send, on average.")
    var requestsPerSecond = Limit.requestsPerSecond

    @Option(
        help: ArgumentHelp(
            "Hand the journal on: file:/PATH (JSON Lines), syslog, or syslog:/SOCKET.",
            discussion: "Entries come in order; after a restart it goes on where it was."))
    var auditFeed: String?

    /// The given feed; refuses what is none.
    private func feed() throws -> FeedPlan? {
        guard let auditFeed, !auditFeed.isEmpty else { return nil }
        guard let plan = FeedPlan(auditFeed) else {
            throw ValidationError(
                "--audit-feed wants file:/PATH, syslog or syslog:/SOCKET; this is none: \(auditFeed)"
            )
        }
        return plan
    }

    /// The given names; refuses what is none.
    private func names() throws -> [String] {
        do {
            return try host.flatMap { try hostNames(in: $0) }
        } catch let unreadable as HostNameUnreadable {
            throw ValidationError(
                "--host wants a name without scheme and port, for example box.example.lan; "
                    + "this is none: \(unreadable.text)")
        }
    }

    func run() throws {
        guard let place = ListenAddress(listen) else {
            throw ValidationError("--listen wants HOST:PORT, for example 127.0.0.1:8080")
        }
        // Empty for a unit that is told so by its environment.
        let tls = listenTLS.flatMap { $0.isEmpty ? nil : $0 }
        if let tls, ListenAddress(tls) == nil {
            throw ValidationError("--listen-tls wants HOST:PORT, for example 0.0.0.0:443")
        }
        guard (1...Limit.ratedPerSecond).contains(requestsPerSecond) else {
            throw ValidationError("--requests-per-second wants 1 to \(Limit.ratedPerSecond)")
        }
        let names = try names()
        let feed = try feed()
        Lifeline.boundHeaps()
        Lifeline.holdSignals()
        Lifeline.forbidDumps()
        let appliance = try Appliance(
            ApplianceSettings(
                data: data, host: place.host, port: place.port, www: www, control: control,
                courier: courier, courierUser: courierUser, spool: spool, errands: errands,
                reloadsScreens: reloadScreens,
                connectionsPerAddress: connectionsPerAddress, hosts: names,
                requestsPerSecond: requestsPerSecond, tls: tls.flatMap { ListenAddress($0) },
                plainScans: plainScans, auditFeed: feed))
        appliance.onFence { reason in
            Log.write(.error, "the store is fenced: \(reason)")
            Lifeline.cut()
        }
        say("listening on \(appliance.address)")
        if let code = appliance.setupCode {
            say("set-up code: \(code)")
            say("open \(appliance.address) in a browser and enter the code")
        }
        if let page = appliance.trustAddress { say("trust page: \(page)") }
        let end = Lifeline.wait(pulse: appliance.pulse, reload: appliance.reload)
        appliance.stop()
        if end == .fenced { throw ExitCode(1) }
    }
}
