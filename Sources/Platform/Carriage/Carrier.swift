// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Errands

/// Carries out errands, one after the other. Each thread has a carrier of its own.
///
/// Keeps the connections to the target it went to last. Nothing is kept of an errand but that.
package final class Carrier {
    private let settings: CarriageSettings
    private let stopSign: StopSign
    private var last: (target: ErrandTarget, transfer: Transfer)?

    package init(_ settings: CarriageSettings, stopSign: StopSign) {
        self.settings = settings
        self.stopSign = stopSign
    }

    /// Does what the errand says, and never throws: whatever happens is an outcome.
    package func carryOut(_ errand: Errand) -> Outcome {
        do throws(CarriageFailure) {
            let transfer = try transfer(to: errand.target)
            switch errand.target.place {
            case .s3(let bucket):
                let work = BucketWork(
                    bucket, transfer, settings, bytesPerSecond: errand.target.bytesPerSecond)
                return .done(try work.carryOut(errand.work))
            case .sftp(let folder):
                let work = try FolderWork(
                    folder, transfer, settings, bytesPerSecond: errand.target.bytesPerSecond)
                return .done(try work.carryOut(errand.work))
            case .gateway(let gateway):
                // Nothing of a message stays behind in the handle.
                defer { last = nil }
                return .done(try MessageWork(gateway, transfer).carryOut(errand.work))
            }
        } catch {
            // A connection on which something failed is not used again.
            last = nil
            return error.outcome
        }
    }

    /// Connections are shared by errands with the very same target and credentials only.
    private func transfer(to target: ErrandTarget) throws(CarriageFailure) -> Transfer {
        if let last, last.target == target { return last.transfer }
        let transfer = try Transfer(settings, stopSign: stopSign)
        last = (target, transfer)
        return transfer
    }

    /// What a probe stores and reads back.
    static let probeObject = "sluice-probe"
    static let probeBytes = Array("A probe of the courier. It may be deleted.\n".utf8)
}

/// The file that was fetched, when it is what it should be.
func settle(
    _ file: PartialFile, size: Int64?, sha256: String?
) throws(CarriageFailure) -> Outcome.Answer {
    if let size, size != file.size {
        throw CarriageFailure(
            .notVerified, "The object has \(file.size) bytes and should have \(size).")
    }
    if let sha256, sha256 != file.hexDigest {
        throw CarriageFailure(
            .notVerified, "The object is not what was stored: its hash is another.")
    }
    try file.keep()
    return .fetched(size: file.size, sha256: file.hexDigest)
}
