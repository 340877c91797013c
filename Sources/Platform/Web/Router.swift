// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Finds the endpoint of a request. A request has one possible endpoint or none: paths that could
/// both match the same request are refused at start-up.
package struct Router: Sendable {
    /// A mistake in the list of endpoints, found at start-up.
    package enum Failure: Error, Equatable {
        /// Both templates match some path with the same method.
        case ambiguous(String, String)
        /// The path does not start with a slash, has an empty piece, or names a parameter twice.
        case badPath(String)
        /// The path's parameters and the schema's fields differ.
        case parametersDiffer(String)
        /// HEAD is answered by the GET endpoint and cannot be declared.
        case headDeclared(String)
    }

    /// What a request found.
    package enum Match: Sendable {
        case found(Endpoint, parameters: [(name: String, value: String)])
        case otherMethods([Method])
        case none
    }

    private final class Node: Sendable {
        let literals: [String: Node]
        let parameter: Node?
        let endpoints: [Method: Endpoint]

        init(literals: [String: Node], parameter: Node?, endpoints: [Method: Endpoint]) {
            self.literals = literals
            self.parameter = parameter
            self.endpoints = endpoints
        }

        /// The tree of endpoints that share their first `depth` pieces.
        static func tree(of endpoints: [Endpoint], depth: Int) -> Node {
            var literals: [String: [Endpoint]] = [:]
            var parameters: [Endpoint] = []
            var here: [Method: Endpoint] = [:]
            for endpoint in endpoints {
                guard depth < endpoint.path.pieces.count else {
                    here[endpoint.method] = endpoint
                    continue
                }
                switch endpoint.path.pieces[depth] {
                case .literal(let text): literals[text, default: []].append(endpoint)
                case .parameter: parameters.append(endpoint)
                }
            }
            return Node(
                literals: literals.mapValues { tree(of: $0, depth: depth + 1) },
                parameter: parameters.isEmpty ? nil : tree(of: parameters, depth: depth + 1),
                endpoints: here)
        }
    }

    package let endpoints: [Endpoint]
    private let root: Node

    /// Checks the list; throws `Failure`.
    package init(_ endpoints: [Endpoint]) throws {
        for endpoint in endpoints { try Self.check(endpoint) }
        for (index, one) in endpoints.enumerated() {
            for other in endpoints[(index + 1)...] where Self.overlap(one, other) {
                throw Failure.ambiguous(one.name, other.name)
            }
        }
        self.endpoints = endpoints
        root = Node.tree(of: endpoints, depth: 0)
    }

    /// The endpoint for a method and decoded path pieces. GET endpoints answer HEAD too.
    package func match(_ method: Method, _ segments: [String]) -> Match {
        var nodes: [Node] = [root]
        for segment in segments {
            var next: [Node] = []
            for node in nodes {
                if let literal = node.literals[segment] { next.append(literal) }
                if let parameter = node.parameter, !segment.isEmpty { next.append(parameter) }
            }
            if next.isEmpty { return .none }
            nodes = next
        }
        let wanted: Method = method == .head ? .get : method
        for node in nodes {
            guard let endpoint = node.endpoints[wanted] else { continue }
            return .found(endpoint, parameters: Self.parameters(of: endpoint.path, segments))
        }
        var methods = Set(nodes.flatMap { $0.endpoints.keys })
        if methods.contains(.get) { methods.insert(.head) }
        return methods.isEmpty ? .none : .otherMethods(methods.sorted())
    }

    /// The methods that a path has, sorted; empty when it is not there.
    package func methods(_ segments: [String]) -> [Method] {
        Method.allCases.filter {
            if case .found = match($0, segments) { true } else { false }
        }.sorted()
    }

    private static func parameters(
        of path: PathTemplate, _ segments: [String]
    ) -> [(name: String, value: String)] {
        var parameters: [(name: String, value: String)] = []
        for (piece, segment) in zip(path.pieces, segments) {
            if case .parameter(let name) = piece { parameters.append((name, segment)) }
        }
        return parameters
    }

    private static func check(_ endpoint: Endpoint) throws {
        let path = endpoint.path
        let names = path.parameterNames
        let hasEmpty = path.pieces.contains { $0 == .literal("") || $0 == .parameter("") }
        guard path.text.hasPrefix("/"), !hasEmpty, Set(names).count == names.count else {
            throw Failure.badPath(endpoint.name)
        }
        let described = endpoint.parameters?.fields.map(\.name) ?? []
        guard Set(described) == Set(names) else { throw Failure.parametersDiffer(endpoint.name) }
        if endpoint.method == .head { throw Failure.headDeclared(endpoint.name) }
    }

    private static func overlap(_ a: Endpoint, _ b: Endpoint) -> Bool {
        guard a.method == b.method, a.path.pieces.count == b.path.pieces.count else { return false }
        return zip(a.path.pieces, b.path.pieces).allSatisfy { one, other in
            if case .literal(let a) = one, case .literal(let b) = other { return a == b }
            return true
        }
    }
}
