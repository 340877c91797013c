// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation

/// All files under a folder, as a crash may have left them.
struct CrashState: Hashable {
    /// Relative paths, each before what it holds.
    var folders: [String] = []
    var files: [String: [UInt8]] = [:]

    init() {}

    /// What lies under `base` now.
    init(readFrom base: String) throws {
        let found = try FileManager.default.subpathsOfDirectory(atPath: base).sorted()
        for path in found {
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: base + "/" + path, isDirectory: &isFolder)
            if isFolder.boolValue {
                folders.append(path)
            } else {
                files[path] = Array(try Data(contentsOf: URL(fileURLWithPath: base + "/" + path)))
            }
        }
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(folders)
        for path in files.keys.sorted() {
            hasher.combine(path)
            files[path]?.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
    }

    /// Writes the state in place of what lies under `base`.
    func write(to base: String) throws {
        try? FileManager.default.removeItem(atPath: base)
        try FileManager.default.createDirectory(
            atPath: base, withIntermediateDirectories: true)
        for path in folders {
            try FileManager.default.createDirectory(
                atPath: base + "/" + path, withIntermediateDirectories: true)
        }
        for (path, bytes) in files {
            // Files of keys are refused when others may read them.
            let made = FileManager.default.createFile(
                atPath: base + "/" + path, contents: Data(bytes),
                attributes: [.posixPermissions: 0o600])
            guard made else { throw Bad("\(path) could not be written") }
        }
    }
}
