#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
#
# Checks of the unit, the package sources and the scripts that need no build.
set -euo pipefail
cd "$(dirname "$0")/../.."
passed=0
failed=0

check() {
    local name=$1
    shift
    if output=$("$@" 2>&1); then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED: %s\n%s\n' "$name" "$output"
    fi
}

for script in packaging/*.sh Tests/Package/*.sh .ci/run; do
    check "$script is valid bash" bash -n "$script"
    check "$script stops at the first error" grep -q 'set -euo pipefail' "$script"
done
for script in packaging/debian/postinst packaging/debian/postrm packaging/acme/*; do
    check "$script is valid sh" sh -n "$script"
done

# What the unit exposes, as systemd counts it; 10 is everything. A daemon that listens by itself
# reaches about 1.2.
exposure() {
    systemd-analyze security --offline=true --threshold=20 systemd/sluiced.service
}
check 'the unit is hardened (exposure of 2.0 at most)' exposure
courier_exposure() {
    systemd-analyze security --offline=true --threshold=20 systemd/sluice-courier.service
}
check 'the unit of the courier is hardened (exposure of 2.0 at most)' courier_exposure
check 'the courier has no way to the data of the daemon' \
    grep -q '^InaccessiblePaths=-/var/lib/sluice$' systemd/sluice-courier.service
no_development() { ! grep -rq -e --reload-screens -e SLUICE_UNSEALED systemd packaging; }
check 'the unit runs the daemon as people do, without options for development' no_development
check 'the unit is of type notify with a watchdog' \
    grep -Pzq 'Type=notify\n(.*\n)*WatchdogSec=' systemd/sluiced.service

check 'the changelog of the package is well formed' \
    dpkg-parsechangelog -l packaging/debian/changelog -S Version
version=$(sed -n 's/^package let sluiceVersion = "\(.*\)"$/\1/p' \
    Sources/Appliance/System/PlainEndpoints.swift)
check 'package and program have the same version' \
    test "$(dpkg-parsechangelog -l packaging/debian/changelog -S Version)" = "$version"
check 'the courier has that version, too' grep -qF "let errandsVersion = \"$version\"" \
    Sources/Platform/Errands/ErrandLimit.swift
check 'CHANGELOG.md tells of that version' grep -q "^## $version" CHANGELOG.md

for page in packaging/debian/*.8 packaging/debian/*.1; do
    check "$page is a manual page" grep -q '^\.TH' "$page"
done

# The top level holds what belongs there and nothing else.
known='.ci .editorconfig .gitignore .swift-format CHANGELOG.md LICENSE Makefile Package.swift README.md
Sources Tests docs packaging systemd www'
strangers=$(git ls-files | cut -d/ -f1 | sort -u | grep -vxF "$(tr ' ' '\n' <<<"$known")" || true)
check "no stranger at the top level: $strangers" test -z "$strangers"

links() {
    local file target broken=0
    while IFS=: read -r file target; do
        case $target in http*|'#'*) continue ;; esac
        if [ ! -e "$(dirname "$file")/${target%%#*}" ]; then
            echo "$file: $target"
            broken=1
        fi
    done < <(grep -oP '\]\(\K[^)]+' README.md CHANGELOG.md docs/*.md docs/*/*.md --with-filename)
    return $broken
}
check 'no dead link in the documents' links

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
