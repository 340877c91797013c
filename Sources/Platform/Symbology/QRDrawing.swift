// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

extension QRCode {
    /// Squares of the quiet zone around the code (ISO/IEC 18004, 7.3.8).
    package static let quiet = 4

    /// The code as an SVG document of its own, dark on white whatever surrounds it, one unit a
    /// square, with its quiet zone. It holds no text that came from outside, so it needs no escaping.
    package var svg: String {
        let side = size + 2 * Self.quiet
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(side) \(side)" \
            shape-rendering="crispEdges"><path fill="#fff" d="M0 0h\(side)v\(side)H0z"/>\
            <path d="\(path)"/></svg>
            """
    }

    /// The dark squares, a run of them at a time, as the data of an SVG path.
    private var path: String {
        var path = ""
        for (y, row) in rows.enumerated() {
            var x = 0
            while x < size {
                guard row[x] else {
                    x += 1
                    continue
                }
                let start = x
                while x < size && row[x] { x += 1 }
                let run = x - start
                path += "M\(start + Self.quiet) \(y + Self.quiet)h\(run)v1h-\(run)z"
            }
        }
        return path
    }

    /// The code in half-height characters for a terminal, light on dark: `sluicectl` prints it.
    package var blocks: String {
        let margin = 2
        func isDark(_ x: Int, _ y: Int) -> Bool {
            (0..<size).contains(x) && (0..<size).contains(y) && rows[y][x]
        }
        return stride(from: -margin, to: size + margin, by: 2).map { y in
            String(
                (-margin..<(size + margin)).map { x -> Character in
                    switch (isDark(x, y), isDark(x, y + 1)) {
                    case (true, true): " "
                    case (true, false): "▄"
                    case (false, true): "▀"
                    case (false, false): "█"
                    }
                })
        }.joined(separator: "\n")
    }
}
