#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
#
# Compares the libraries of Debian that the programs load with the newest that this machine's
# sources offer, security updates too. Run `apt-get update` first. The packages of Package.swift
# are printed, to be looked up by hand.
set -euo pipefail
cd "$(dirname "$0")/../.."

libraries='ca-certificates libcurl3-gnutls libgnutls30 libmicrohttpd12 libsodium23 libsqlite3-0
libssh2-1 libsystemd0 tzdata zlib1g'
behind=0
for library in $libraries; do
    policy=$(LC_ALL=C apt-cache policy "$library")
    installed=$(awk '$1 == "Installed:" { print $2 }' <<<"$policy")
    newest=$(awk '$1 == "Candidate:" { print $2 }' <<<"$policy")
    if [ -z "$installed" ] || [ "$installed" = '(none)' ]; then
        echo "$library: not installed, nothing to compare"
        behind=1
    elif [ "$installed" = "$newest" ]; then
        echo "ok: $library $installed"
    else
        echo "BEHIND: $library $installed, there is $newest"
        behind=1
    fi
done
sed -n 's/.*\.package(url: "\([^"]*\)", exact: "\([^"]*\)").*/built in: \1 \2/p' Package.swift
exit $behind
