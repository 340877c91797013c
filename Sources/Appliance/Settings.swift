// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// What the daemon is told when it starts. Everything else is in the store.
package struct ApplianceSettings: Sendable {
    /// Folder of all data; made when it is not there.
    package var data: String
    /// Where browsers and scanners come in.
    package var host: String
    /// 0 takes a free port.
    package var port: UInt16
    /// Where browsers come in over TLS. With it the place above gives the trust page and leads here.
    package var tls: ListenAddress?
    /// Whether scanners that know no TLS may scan over plain HTTP beside it.
    package var plainScans: Bool
    /// Folder of the screens.
    package var www: String
    /// The control socket; nil stands for `control.sock` in the data folder.
    package var control: String?
    /// The socket of the courier; nil stands for `courier.sock` in the data folder.
    package var courier: String?
    /// The user that the courier runs as.
    package var courierUser: String
    /// Folder of captured commits, best on another disk; nil stands for `spool` in the data folder.
    package var spool: String?
    /// Folder of the files that go to the courier and come from it, which it must be allowed to use;
    /// nil stands for `errands` in the data folder.
    package var errands: String?
    /// Screens are read again when they change on disk, for those who write them.
    package var reloadsScreens: Bool
    /// Connections that one address may hold, so that nobody takes all of them.
    package var connectionsPerAddress: Int

    /// Names under which browsers and scanners reach the box, beside its own name and its
    /// addresses; lower case, as `hostName(of:)` gives them.
    package var hosts: [String]
    /// Requests a second that one scanner, person or token may send, on average.
    package var requestsPerSecond: Int
    /// Where the journal is handed on to; nil for nowhere.
    package var auditFeed: FeedPlan?

    package init(
        data: String, host: String, port: UInt16, www: String, control: String? = nil,
        courier: String? = nil, courierUser: String = "sluice-courier", spool: String? = nil,
        errands: String? = nil, reloadsScreens: Bool = false, connectionsPerAddress: Int = 64,
        hosts: [String] = [], requestsPerSecond: Int = Limit.requestsPerSecond,
        tls: ListenAddress? = nil, plainScans: Bool = false, auditFeed: FeedPlan? = nil
    ) {
        self.tls = tls
        self.plainScans = plainScans
        self.auditFeed = auditFeed
        self.data = data
        self.host = host
        self.port = port
        self.www = www
        self.control = control
        self.courier = courier
        self.courierUser = courierUser
        self.spool = spool
        self.errands = errands
        self.reloadsScreens = reloadsScreens
        self.connectionsPerAddress = connectionsPerAddress
        self.hosts = hosts
        self.requestsPerSecond = requestsPerSecond
    }

    var spoolPath: String { spool ?? "\(data)/spool" }
    var errandsPath: String { errands ?? "\(data)/errands" }
    var controlPath: String { control ?? "\(data)/control.sock" }
    var courierPath: String { courier ?? "\(data)/courier.sock" }
}

/// An address and a port to listen on; IPv6 without brackets, port 0 takes a free one.
package struct ListenAddress: Sendable, Equatable {
    package let host: String
    package let port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads HOST:PORT; nil for anything else.
    package init?(_ text: String) {
        guard let split = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: split)...])
        else { return nil }
        host = text[..<split].filter { $0 != "[" && $0 != "]" }
        self.port = port
    }

    /// The address of a page there.
    func url(_ scheme: String, port: UInt16) -> String {
        "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
