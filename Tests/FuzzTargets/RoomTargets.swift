// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Web

@testable import Access
@testable import Catalog
@testable import Scanning

extension FuzzTarget {
    static let rooms = [code, scan, cbor, passkey, table]

    /// What a scanner reads. A reading keeps the whole text, so that it can be parked.
    private static let code = FuzzTarget("code", bytesMax: 512) { bytes in
        let today = try BusinessDay(year: 2026, month: 11, day: 23)
        let raw = String(decoding: bytes, as: UTF8.self)
        do throws(ReadingRefusal) {
            let reading = try Scanning.read(raw, today: today)
            promise(!reading.text.isEmpty, "nothing was read")
            promise(!reading.candidates.isEmpty, "no candidate, not even the text")
        } catch {}
    }

    /// The body of a scan as JSON and as a form.
    private static let scan = FuzzTarget("scan") { bytes in
        let form = try WireForm(ScanRequest.self)
        for decode in [form.decode(json:), form.decode(form:)] {
            do {
                _ = try decode(bytes)
            } catch is WebRefusal {
            }
        }
    }

    private static let cbor = FuzzTarget("cbor") { bytes in
        guard let (_, count) = try? CBOR.read(bytes[...]) else { return }
        promise((1...bytes.count).contains(count), "\(count) of \(bytes.count) bytes were read")
    }

    /// What an authenticator sends. A key that was read has the length that its check expects.
    private static let passkey = FuzzTarget("passkey") { bytes in
        let found = [try? AuthenticatorData(bytes), try? .inside(attestation: bytes)]
        for credential in found.compactMap({ $0?.credential }) {
            promise((1...1023).contains(credential.id.count), "no id")
            let expected = credential.algorithm == .es256 ? 64 : 32
            promise(credential.key.count == expected, "a key of \(credential.key.count) bytes")
        }
    }

    /// A file of items. Rows that were read are written so that they are read again.
    private static let table = FuzzTarget("csv", bytesMax: 20_000) { bytes in
        guard let rows = try? readCSV(bytes, rowsMax: 200) else { return }
        for row in rows {
            let again = try csvCells(csvLine(row.cells))
            promise(again == row.cells, "row \(row.row) is read as another")
        }
    }
}
