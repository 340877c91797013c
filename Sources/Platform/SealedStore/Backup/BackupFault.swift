// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// What is wrong with a backup, or with the place where it lies. Objects go by their names.
package enum BackupFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The object is no part of a backup of this program.
    case notOurs(String)
    /// Written by a newer program than this one.
    case newer(String, format: Int)
    /// Written before the first release, in a form that was given up.
    case older(String, format: Int)
    /// The object was changed after it was written, or the key is another one.
    case altered(String)
    /// The object ends before it should.
    case cut(String)
    /// The object should be there and is not.
    case missing(String)
    /// The object belongs to another database.
    case otherDatabase(String)
    /// Two objects that should follow each other do not; what does not fit.
    case broken(String)
    /// Nothing that is kept reaches the moment or commit that was asked for.
    case outOfReach(String)
    /// A page of the main file does not open, several times over.
    case damagedPage(Int)
    /// The spool holds as many bytes as it may, and nothing was taken from it.
    case spoolFull
    /// Nothing is captured: there is no spool, or it was not started.
    case notCapturing
    /// The chain of captured commits ended while a snapshot was taken; it must be taken anew.
    case interrupted
    /// A name or address that cannot be one.
    case badName(String)
    /// A folder gave no answer for a long time, such as a share whose server is gone.
    case silent(String)
    /// Less room in a folder than a copy of the books needs, in bytes.
    case noRoom(String, needed: Int, free: Int)
    /// The system refused.
    case system(SystemFault)

    /// Whether an object is not as it was written, and not merely out of reach.
    package var isDamage: Bool {
        switch self {
        case .notOurs, .altered, .cut, .missing, .otherDatabase, .broken, .damagedPage: true
        case .newer, .older, .outOfReach, .spoolFull, .notCapturing, .interrupted, .badName,
            .silent, .noRoom, .system:
            false
        }
    }

    package var description: String {
        switch self {
        case .notOurs(let name): "\(name) is no backup object of Sluice"
        case .newer(let name, let format):
            "\(name) has format \(format), this program reads up to \(Container.format): "
                + "install the newer version of Sluice that wrote it"
        case .older(let name, let format):
            "\(name) has format \(format) of a version before the first release: "
                + "name an empty folder as the target, and empty the spool"
        case .altered(let name):
            "\(name) was changed after it was written, or belongs to another key"
        case .cut(let name): "\(name) ends too early"
        case .missing(let name): "\(name) is missing"
        case .otherDatabase(let name): "\(name) belongs to another database"
        case .broken(let what): "the backup does not hold together: \(what)"
        case .outOfReach(let what): "nothing that is kept reaches \(what)"
        case .damagedPage(let number): "page \(number) of the main file does not open"
        case .spoolFull: "the spool is full and no target has taken anything from it"
        case .notCapturing: "nothing is captured for backup"
        case .interrupted: "the chain of commits ended while the snapshot was taken"
        case .badName(let name): "\(name) cannot be the name or folder of a backup"
        case .silent(let path):
            "\(path) does not answer: look at the disk, or the machine that shares it"
        case .noRoom(let path, let needed, let free):
            "\(path) has room for \(free >> 20) MiB, and \(needed >> 20) MiB are needed"
        case .system(let fault): fault.description
        }
    }
}

/// Runs `body`, which takes the object `name` apart, and says of which object a fault is.
func asBackupFault<T>(of name: String, _ body: () throws -> T) throws -> T {
    do {
        return try body()
    } catch ByteFault.short {
        throw BackupFault.cut(name)
    } catch ByteFault.range {
        throw BackupFault.altered(name)
    }
}

/// Runs `body` and gives what the system refused the form of a fault of backups.
func asBackupFault<T: ~Copyable>(_ body: () throws -> T) throws -> T {
    do {
        return try body()
    } catch let fault as SystemFault {
        throw BackupFault.system(fault)
    }
}
