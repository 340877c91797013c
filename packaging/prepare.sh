#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
#
# Makes a Debian 12 machine ready: finds what is missing, says what and why, installs it.
#
#   packaging/prepare.sh build|peers|test|tls|testssl|deb|boot|bench|slow ...
#
# Nothing is done when all is there. A need is a package, a command that tells whether it is met,
# and the reason.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
masked=

need() {
    local package=$1 check=$2 reason=$3
    if ! (eval "$check") >/dev/null 2>&1; then
        missing+=("$package")
        printf '  %-20s %s\n' "$package" "$reason"
    fi
}

need_for_build() {
    need make 'command -v make' 'runs the menu of the Makefile'
    need git 'command -v git' 'SwiftPM fetches the two Swift packages with it'
    need pkg-config 'command -v pkg-config' 'tells the compiler where the C libraries are'
    need libc6-dev 'test -e /usr/include/stdio.h' 'headers of the C library'
    need libsqlite3-dev 'pkg-config --exists sqlite3' 'the database below the sealed store'
    need libsodium-dev 'pkg-config --exists libsodium' 'seals every page of the store'
    need libgnutls28-dev 'pkg-config --exists gnutls' 'checks passkeys and one-time codes'
    need libmicrohttpd-dev 'pkg-config --exists libmicrohttpd' 'serves browsers and scanners'
    # Either flavour has the same header; the Debian package is built with the GnuTLS one.
    need libcurl4-gnutls-dev 'pkg-config --exists libcurl' 'carries backups to other machines'
    need libsystemd-dev 'pkg-config --exists libsystemd' 'readiness and watchdog of the daemon'
    need zlib1g-dev 'pkg-config --exists zlib' 'compresses the screens'
    need tzdata 'test -e /usr/share/zoneinfo/Asia/Shanghai' 'time zone of the site'
}

# The other ends of the courier, and a clock that can be set. A server that tests start by themselves on loopback must not
# become a service of this machine.
need_for_peers() {
    if [ ! -x /usr/sbin/sshd ] && [ ! -e /etc/systemd/system/ssh.service ]; then
        masked=/etc/systemd/system/ssh.service
    fi
    need openssh-server 'test -x /usr/sbin/sshd' 'the SFTP server that the courier is tried on'
    need openssh-client 'command -v ssh-keygen' 'makes keys for it'
    need openssl 'command -v openssl' 'makes certificates for the store that the courier is tried on'
    need ca-certificates 'test -e /etc/ssl/certs/ca-certificates.crt' 'authorities that are trusted'
    need libfaketime 'compgen -G "/usr/lib/*/faketime/libfaketimeMT.so.1"' \
        'sets the clock of one daemon back in a test'
}

need_for_test() {
    need chromium 'command -v chromium' 'drives the screens in the browser tests'
    need fonts-noto-cjk 'compgen -G "/usr/share/fonts/opentype/noto/NotoSansCJK*"' \
        'shows Chinese text in the browser tests'
    need python3-venv 'python3 -c "import ensurepip, venv"' 'keeps the tools of the tests apart'
    need sqlite3 'command -v sqlite3' 'tries to read a sealed store from outside'
    need systemd 'command -v systemd-analyze' 'checks the hardening of the unit'
}

need_for_tls() {
    need openssl 'command -v openssl' 'speaks TLS with the daemon'
    need gnutls-bin 'command -v gnutls-cli' 'speaks TLS with the daemon'
    need libnss3-tools 'command -v certutil' 'lets a browser trust an authority in the tests'
    need uacme 'command -v uacme' 'asks for a certificate by ACME'
    need pebble 'command -v pebble' 'is the ACME server that it asks'
}

need_for_testssl() {
    need testssl.sh 'command -v testssl || command -v testssl.sh' 'looks for weak spots of TLS'
}

need_for_deb() {
    need debhelper 'command -v dh' 'builds the package'
    need dpkg-dev 'command -v dpkg-buildpackage' 'builds the package'
    need fakeroot 'command -v fakeroot' 'lets files in the package belong to root'
    need lintian 'command -v lintian' 'checks the package against the rules of Debian'
    need chrpath 'command -v chrpath' 'removes the build path of the Swift libraries'
}

need_for_boot() {
    need debootstrap 'command -v debootstrap' 'makes the container in which a package is tried'
    need systemd-container 'command -v systemd-nspawn' 'boots that container'
}

need_for_bench() {
    need gcc 'command -v gcc' 'compiles the load generator and the bare server'
    need libc6-dev 'test -e /usr/include/stdio.h' 'headers of the C library'
}

need_for_slow() {
    need slowhttptest 'command -v slowhttptest' 'is slow on purpose, on hundreds of connections'
    need python3 'command -v python3' 'scans beside it and measures'
}

swift_is_there() {
    if ! command -v swift >/dev/null 2>&1; then
        echo 'prepare: Swift is missing. Install 6.3 or newer from https://www.swift.org/install,' \
            'put it on PATH, and try again.' >&2
        exit 1
    fi
}

install_missing() {
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null 2>&1 && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
            as_root=(sudo)
        else
            as_root=(none)
        fi
    fi
    if ! command -v apt-get >/dev/null 2>&1 || [ "${as_root[*]-}" = none ]; then
        echo "prepare: please install these as root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    if [ -n "$masked" ]; then
        echo "prepare: $masked leads to /dev/null, so that no SSH server starts here; remove it to run one"
        "${as_root[@]}" mkdir -p "$(dirname "$masked")"
        "${as_root[@]}" ln -s /dev/null "$masked"
    fi
    "${as_root[@]}" apt-get update -qq
    # The variable is passed by env, since sudo drops those of the caller.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null
}

# Tests in Python run in venvs of their own, each made again when its list of packages changes.
make_venv() {
    local wanted=$1 venv=$2
    [ -f "$wanted" ] || return 0
    if [ -x "$venv/bin/python" ] && cmp -s "$wanted" "$venv/installed.txt"; then return 0; fi
    echo "prepare: making $venv with the packages of $wanted"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$wanted"
    cp "$wanted" "$venv/installed.txt"
}

[ $# -gt 0 ] || { sed -n 's/^# \{0,1\}//; 5,10p' "$0"; exit 64; }

swift_is_there
for group in "$@"; do
    case $group in
    build) need_for_build ;;
    test) need_for_build; need_for_peers; need_for_test ;;
    peers) need_for_build; need_for_peers ;;
    tls) need_for_build; need_for_tls ;;
    testssl) need_for_build; need_for_tls; need_for_testssl ;;
    deb) need_for_build; need_for_deb ;;
    boot) need_for_boot ;;
    bench) need_for_build; need_for_bench ;;
    slow) need_for_build; need_for_slow ;;
    *) echo "prepare: there is no group $group" >&2; exit 64 ;;
    esac
done
if [ ${#missing[@]} -gt 0 ]; then
    mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
    echo "prepare: installing ${#missing[@]} Debian packages: ${missing[*]}"
    install_missing
fi
case " $* " in *" test "*)
    make_venv Tests/Browser/requirements.txt .build-venv
    make_venv Tests/Courier/requirements.txt .build-venv-courier
    make_venv Tests/Fuzz/requirements.txt .build-venv-fuzz ;;
esac
