// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import ModuleKit
import Testing
import Web

@testable import Appliance

/// The screens, read as text: they call what is there, in words that are there, without inline code.
struct ScreenTests {
    private let pages = SourceTree.files(below: "www", ending: ".html")
    private let scripts = SourceTree.files(below: "www", ending: ".js")
    private let styles = SourceTree.files(below: "www", ending: ".css")
    private let keys: Set<String>

    init() throws {
        keys = try ["json", "problems.json"].reduce(into: []) { keys, ending in
            let file = try #require(SourceTree.file(at: "www/locales/en.\(ending)"))
            keys.formUnion(try JSON(reading: Array(file.text.utf8)).members.map(\.name))
        }
    }

    @Test func `every room has its folder and its menu`() {
        for name in allModules().modules.map(\.name) + ["system"] {
            #expect(SourceTree.exists("www/\(name)/menu.js"), "\(name)")
        }
    }

    @Test func `a page has no inline code and loads our own files only`() {
        #expect(pages.count > 15)
        let inline =
            "(?i)(<script(?![^>]*\\bsrc=)[^>]*>|<style[\\s>]|\\sstyle\\s*=|\\son[a-z]+\\s*=|javascript:)"
        for page in pages {
            #expect(finds(inline, in: page.text).map(\.text) == [], "\(page.path)")
            for link in finds("(?:src|href)=\"([^\"]*)\"", in: page.text).map(\.text)
            where link != "data:," {
                #expect(link.hasPrefix("/ui/"), "\(page.path): \(link)")
                #expect(exists(link), "\(page.path): \(link)")
            }
        }
        for file in pages + scripts + styles {
            let foreign = finds("(https?://[^\\s'\"`)]+)", in: file.text).map(\.text)
                .filter { !$0.hasPrefix("http://www.w3.org/") }
            #expect(foreign == [], "\(file.path)")
        }
    }

    @Test func `a script makes no code of text`() {
        let pattern = """
            (\\.innerHTML|\\.outerHTML|insertAdjacentHTML|document\\.write|\\beval\\(|\
            new Function|\\bstyle: ?['`\"]|setAttribute\\('style')
            """
        for script in scripts {
            #expect(finds(pattern, in: script.text).map(\.text) == [], "\(script.path)")
        }
    }

    @Test func `only the kit talks to the daemon`() {
        let own: Set = ["www/kit/api.js", "www/kit/i18n.js"]
        for script in scripts where !own.contains(script.path) {
            #expect(
                finds("(\\bfetch\\(|XMLHttpRequest|sendBeacon)", in: script.text).isEmpty,
                "\(script.path)")
        }
    }

    /// A path below /ui/ as a file of the checkout.
    private func exists(_ link: String) -> Bool {
        let path = String(link.dropFirst("/ui/".count).prefix { $0 != "?" && $0 != "#" })
        return SourceTree.exists(
            "www/" + (path.isEmpty || path.hasSuffix("/") ? path + "index.html" : path))
    }

    @Test func `a script imports and leads to what is there`() {
        for script in scripts {
            let imported = finds(
                "(?m)(?:^import [^;'\\n]*|\\bimport\\()'([^']+)'", in: script.text
            ).map(\.text)
            let led = finds("['`](/ui/[^'`$]*\\.(?:html|js|css|svg|json))", in: script.text).map(
                \.text)
            for link in imported + led {
                #expect(link.hasPrefix("/ui/") && exists(link), "\(script.path): \(link)")
            }
        }
    }

    @Test func `every request of a screen has its endpoint`() throws {
        let endpoints = try Probe().endpoints
        let verbs: [String: Web.Method] = [
            "get": .get, "post": .post, "put": .put, "patch": .patch, "remove": .delete,
            "text": .get,
        ]
        var seen = 0
        for script in scripts {
            let calls = finds(
                "((?:\\b\\w+\\()?['`]/(?:api|health)/(?:[^'`$]|\\$\\{[^}]*\\})*)", in: script.text)
            for call in calls {
                seen += 1
                let pieces = call.text.split(
                    maxSplits: 1, whereSeparator: { $0 == "'" || $0 == "`" })
                let path = String(pieces.last ?? "")
                let verb = pieces.count > 1 ? verbs[String(pieces[0].dropLast())] : nil
                let fits = endpoints.contains { endpoint in
                    (verb == nil || endpoint.method == verb) && matches(path, endpoint.path)
                }
                #expect(fits, "\(script.path):\(call.line): \(call.text)")
            }
        }
        #expect(seen > 40)
    }

    private func matches(_ text: String, _ path: PathTemplate) -> Bool {
        var plain = text
        for hole in finds("(\\$\\{[^}]*\\})", in: text).map(\.text) {
            plain = plain.replacing(hole, with: "{}")
        }
        let parts = plain.prefix { $0 != "?" }.split(separator: "/")
        guard parts.count == path.pieces.count else { return false }
        return zip(parts, path.pieces).allSatisfy { part, piece in
            switch piece {
            // What a script fills in may be a word of the path.
            case .literal(let word): part == "{}" || part == word
            case .parameter: part.contains("{}")
            }
        }
    }

    @Test func `every word that a screen names is there`() {
        let families = Set(keys.map { String($0.prefix { $0 != "." }) })
        let modules = allModules().modules
        let others = Set(
            Permissions.all.map(\.code)
                + (modules.flatMap(\.events) + SystemEvent.all).map(\.name)
                + Catalogue.all.map(\.code))
        for script in scripts {
            for text in finds("['\"]([a-z][A-Za-z]*(?:\\.[A-Za-z_]+)+)['\"]", in: script.text)
            where families.contains(String(text.text.prefix { $0 != "." })) {
                let isFile = finds("\\.(?:html|js|css|svg|json|csv)$", in: text.text).count > 0
                let isKey = keys.contains(text.text) || keys.contains(text.text + ".other")
                #expect(
                    isKey || isFile || others.contains(text.text),
                    "\(script.path):\(text.line): \(text.text)")
            }
            for text in finds("\\bt\\(\\s*['\"]([^'\"]+)['\"]", in: script.text) {
                #expect(
                    keys.contains(text.text) || keys.contains(text.text + ".other"),
                    "\(script.path):\(text.line): \(text.text)")
            }
            for text in finds("\\bt\\(\\s*`([^`]+)`", in: script.text) {
                let start = String(text.text.prefix { $0 != "$" })
                let end = finds("\\}([^}]*)$", in: text.text).first?.text ?? ""
                #expect(
                    keys.contains { $0.hasPrefix(start) && $0.hasSuffix(end) },
                    "\(script.path):\(text.line): \(text.text)")
            }
        }
    }

    @Test func `every screen has its help`() throws {
        let help = try #require(SourceTree.file(at: "www/help/help.js"))
        let topics = Set(finds("'([a-z]+/[a-z-]+)'", in: help.text).map(\.text))
        for page in pages {
            let path = page.path.dropFirst("www/".count).dropLast(".html".count)
            // The door has no help button, and help is no screen.
            guard path.contains("/"), !path.hasPrefix("help/") else { continue }
            let key = "help." + path.replacing("/", with: ".")
            #expect(topics.contains(String(path)), "\(path)")
            #expect(keys.contains(key) && keys.contains(key + ".title"), "\(key)")
        }
    }

    @Test func `the words name no screen and no room that is not there`() {
        let rooms = Set(allModules().modules.map(\.name) + ["system"])
        for key in keys where key.hasPrefix("help.") && key.hasSuffix(".title") {
            let parts = key.split(separator: ".").map(String.init)
            guard parts.count == 4 else { continue }
            #expect(rooms.contains(parts[1]), "\(key)")
            #expect(SourceTree.exists("www/\(parts[1])/\(parts[2]).html"), "\(key)")
        }
    }
}
