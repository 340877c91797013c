#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
#
# Builds the Debian package into .build-deb/, from a copy of the checkout that holds only what git
# knows (or would take up), with packaging/debian in the place where debhelper looks for it.
#
# The copy stands at the same path each time, and the compiler's scratch folder beside it is kept,
# so that a second build compiles only what has changed. `rm -r .build-deb` starts over.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$PWD/.build-deb
tree=$out/tree/sluice

rm -rf "$out/tree" "$out"/*.deb "$out"/*.buildinfo "$out"/*.changes
mkdir -p "$tree"
git ls-files -z --cached --others --exclude-standard |
    while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
    tar --null --no-recursion --files-from=- -cf - | tar -xf - -C "$tree"
mv "$tree/packaging/debian" "$tree/debian"
# A checkout may be readable for its owner only; files of a package are for everyone.
chmod -R u+rwX,go+rX,go-w "$tree"

# The same sources give the same package: times come from the last entry of the changelog.
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -l "$tree/debian/changelog" -S Timestamp)
export SOURCE_DATE_EPOCH SLUICE_SCRATCH="$out/scratch"
export LC_ALL=C.UTF-8 TZ=UTC
unset MAKEFLAGS MAKELEVEL MFLAGS

(cd "$tree" && dpkg-buildpackage --build=binary --no-sign --no-check-builddeps)
mv "$out"/tree/*.deb "$out"/tree/*.buildinfo "$out"/tree/*.changes "$out/"
rm -rf "$out/tree"
echo
ls -l "$out"/*.deb
