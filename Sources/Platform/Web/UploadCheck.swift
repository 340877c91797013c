// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// What the first bytes of a file say it is, whatever it is called.
///
/// The marks are those of the formats' own descriptions, as the WHATWG's "MIME Sniffing" lists
/// them; only kinds that people send by mistake or with bad intent are told apart.
package enum SniffedKind: String, Sendable, Hashable, CaseIterable {
    /// A ZIP container: workbooks (xlsx), documents, archives.
    case zip
    /// An older workbook or document of Microsoft Office (compound file).
    case office
    case pdf
    case png
    case jpeg
    case gif
    case gzip
    case sevenZip = "7z"
    case rar
    case sqlite
    /// A program of Linux or Windows, or a script.
    case program
    /// HTML, SVG or any other XML.
    case markup
    /// None of the above: text, as far as these bytes tell.
    case plain

    /// Bytes that are looked at.
    static let looked = 512

    /// The kind of `bytes`. A byte order mark and white space before markup are skipped, as a
    /// browser would.
    package init(_ bytes: [UInt8]) {
        let start = bytes.prefix(Self.looked)
        if let found = Self.marks.first(where: { start.starts(with: $0.mark) }) {
            self = found.kind
            return
        }
        self = Self.isMarkup(start) ? .markup : .plain
    }

    private static let marks: [(mark: [UInt8], kind: SniffedKind)] = {
        var marks: [(mark: [UInt8], kind: SniffedKind)] = []
        func add(_ kind: SniffedKind, _ mark: [UInt8]) { marks.append((mark, kind)) }
        add(.zip, [0x50, 0x4b, 0x03, 0x04])
        add(.zip, [0x50, 0x4b, 0x05, 0x06])
        add(.zip, [0x50, 0x4b, 0x07, 0x08])
        add(.office, [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
        add(.pdf, Array("%PDF-".utf8))
        add(.png, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
        add(.jpeg, [0xff, 0xd8, 0xff])
        add(.gif, Array("GIF87a".utf8))
        add(.gif, Array("GIF89a".utf8))
        add(.gzip, [0x1f, 0x8b])
        add(.sevenZip, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c])
        add(.rar, [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07])
        add(.sqlite, Array("SQLite format 3".utf8) + [0])
        add(.program, [0x7f, 0x45, 0x4c, 0x46])
        add(.program, [0x4d, 0x5a, 0x90, 0x00])
        add(.program, Array("#!".utf8))
        return marks
    }()

    private static let openings = [
        "<!doctype", "<html", "<script", "<svg", "<?xml", "<head", "<!--",
    ]

    private static func isMarkup(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        if rest.starts(with: [0xef, 0xbb, 0xbf]) { rest = rest.dropFirst(3) }
        rest = rest.drop { $0 == 0x20 || (0x09...0x0d).contains($0) }
        let text = rest.prefix(16).map(HeaderBlock.lowered)
        return openings.contains { text.starts(with: Array($0.utf8)) }
    }
}

/// Whether a file is what its sender says. Every body without a schema passes here before its
/// endpoint sees it; a media type without a rule cannot be declared (contract test).
package enum UploadCheck {
    /// Kinds that a media type may turn out to be; nil when no file of that type is ever taken.
    package static func kinds(of mediaType: String) -> Set<SniffedKind>? {
        switch mediaType {
        case "text/csv": [.plain]
        // A scanner's line: whatever was read, up to a few hundred bytes, and never kept as a file.
        case "text/plain", "application/x-www-form-urlencoded": Set(SniffedKind.allCases)
        default: nil
        }
    }

    /// Refuses with `WebRefusal.fileKind` what is not of the declared type.
    static func require(_ bytes: [UInt8], as mediaType: String) throws(WebRefusal) {
        let found = SniffedKind(bytes)
        guard kinds(of: mediaType)?.contains(found) == true else {
            throw .fileKind(declared: mediaType, found: found)
        }
    }
}
