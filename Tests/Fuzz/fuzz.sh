#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
#
# fuzz.sh PROGRAM SECONDS [TARGET...]: drives each target from its corpus for so many seconds.
# What it learns goes to .build-fuzz/corpus; `FUZZ_KEEP=1` adds the smallest set of it that reaches
# the same code to Tests/Fuzz/corpus. An input that crashes, hangs for a second or takes 1 GiB is
# kept in .build-fuzz/finds and fails the run.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=$1 seconds=$2
shift 2
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then mapfile -t targets < <("$program"); fi
mkdir -p .build-fuzz/finds
export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0
failed=()
for name in "${targets[@]}"; do
    learned=.build-fuzz/corpus/$name
    mkdir -p "$learned"
    printf '%-9s ' "$name"
    if SLUICE_FUZZ_TARGET=$name "$program" "$learned" "Tests/Fuzz/corpus/$name" \
        -max_total_time="$seconds" -timeout=1 -rss_limit_mb=1024 -max_len=20000 -print_final_stats=1 \
        -artifact_prefix=".build-fuzz/finds/$name-" > ".build-fuzz/$name.log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' ".build-fuzz/$name.log")
        cover=$(grep -o 'cov: [0-9]*' ".build-fuzz/$name.log" | tail -1)
        echo "good: $runs inputs, $cover"
    else
        failed+=("$name")
        echo "FAILED, see .build-fuzz/$name.log:"
        grep -m 3 -E 'Fatal error|ERROR|SUMMARY|Test unit written' ".build-fuzz/$name.log" || tail -5 ".build-fuzz/$name.log"
    fi
    if [ -n "${FUZZ_KEEP:-}" ]; then
        SLUICE_FUZZ_TARGET=$name "$program" -merge=1 "Tests/Fuzz/corpus/$name" "$learned" \
            > ".build-fuzz/$name-merge.log" 2>&1
    fi
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "Failed: ${failed[*]}"
    exit 1
fi
echo "All ${#targets[@]} targets good."
