#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
#
# Checks a built package: the rules of Debian, what is in it, and with --boot its whole life in a
# container with a real systemd: install, start, ask, restart, kill, remove, purge.
#
#   Tests/Package/check_deb.sh [--boot] PACKAGE.deb
#
# --boot needs root, debootstrap and systemd-nspawn; the container is made under .build-nspawn and
# kept, since making it takes a minute.
set -euo pipefail
boot=no
if [ "${1:-}" = --boot ]; then
    boot=yes
    shift
fi
[ $# -eq 1 ] || { echo 'usage: check_deb.sh [--boot] PACKAGE.deb' >&2; exit 64; }
deb=$(realpath "$1")
cd "$(dirname "$0")/../.."
root=$PWD/.build-nspawn
passed=0

pass() { passed=$((passed + 1)); echo "ok: $*"; }
fail() { echo "FAILED: $*" >&2; exit 1; }
expect() {
    local what=$1
    shift
    if "$@"; then pass "$what"; else fail "$what"; fi
}

# Waits for a command to succeed, looking every tenth of a second, at most that many seconds.
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}

check_rules() {
    local remarks
    remarks=$(lintian --allow-root --fail-on none "$deb" | grep '^[EW]:' || true)
    [ -z "$remarks" ] || fail "lintian: $remarks"
    pass 'lintian has no error and no warning'
}

check_contents() {
    local list mode path
    list=$(dpkg-deb -c "$deb")
    for path in ./usr/sbin/sluiced ./usr/bin/sluicectl ./usr/sbin/sluice-courier \
        ./lib/systemd/system/sluice-courier.service ./usr/share/man/man8/sluice-courier.8.gz \
        ./lib/systemd/system/sluiced.service \
        ./usr/lib/sysusers.d/sluice.conf ./usr/lib/tmpfiles.d/sluice.conf \
        ./usr/share/sluice/www/index.html ./usr/share/man/man8/sluiced.8.gz \
        ./usr/share/man/man1/sluicectl.1.gz ./usr/share/doc/sluice/copyright; do
        grep -qF " $path" <<<"$list" || fail "$path is not in the package"
    done
    pass 'everything is where it belongs'
    while read -r mode _ _ _ _ path; do
        case $mode in
        -rw-r--r--|drwxr-xr-x) ;;
        -rwxr-xr-x) [[ $path == ./usr/*bin/* ]] || fail "$path is executable" ;;
        *) fail "$path has mode $mode" ;;
        esac
    done <<<"$list"
    pass 'modes are those of files for everyone'
}

check_programs() {
    local scratch program
    scratch=$(mktemp -d)
    dpkg-deb -x "$deb" "$scratch"
    for program in "$scratch"/usr/sbin/sluiced "$scratch"/usr/sbin/sluice-courier \
        "$scratch"/usr/bin/sluicectl; do
        readelf -d "$program" >"$scratch/dynamic"
        readelf -lW "$program" >"$scratch/segments"
        ! grep -qE 'R(UN)?PATH' "$scratch/dynamic" || fail "$program has a run path"
        grep -q 'BIND_NOW' "$scratch/dynamic" || fail "$program binds late"
        grep -q 'GNU_RELRO' "$scratch/segments" || fail "$program has no read-only relocations"
        ! grep -qF "$PWD" "$program" || fail "$program names the folder where it was built"
    done
    pass 'programs are bound early, without run path and build path'
    dpkg-deb -x "$deb" "$scratch"
    readelf -d "$scratch/usr/sbin/sluice-courier" >"$scratch/courier"
    readelf -d "$scratch/usr/sbin/sluiced" >"$scratch/daemon"
    ! grep -q 'libsqlite3' "$scratch/courier" || fail 'the courier is linked with a database'
    ! grep -qE 'libcurl|libssh' "$scratch/daemon" || fail 'the daemon is linked with libcurl'
    rm -rf "$scratch"
    pass 'the courier has no database, and the daemon no way to connect'
}

courier_takes() {
    inside journalctl -u sluice-courier --no-pager -o cat | grep -q 'taking errands from'
}

# As a user and group, whether the courier's socket takes a claim: the status of HTTP, 000 without a way in.
claim_as() {
    inside setpriv --reuid="$1" --regid="$2" --clear-groups curl -s -o /dev/null -w '%{http_code}' \
        --max-time 5 --unix-socket /run/sluice-courier/courier.sock \
        -H 'Content-Type: application/json' -d '{}' http://localhost/courier/v1/claims || true
}

check_courier() {
    [ "$(inside systemctl is-active sluice-courier)" = active ] || fail 'the courier does not run'
    within 10 courier_takes || fail 'the courier takes no errands'
    local pid
    pid=$(inside systemctl show sluice-courier -p MainPID --value)
    expect 'the courier runs as its own user' \
        test "$(inside stat -c %U "/proc/$pid")" = sluice-courier
    # With its claim under way, a connection between the two stands.
    talks() { inside grep -q /run/sluice-courier/courier.sock /proc/net/unix; }
    expect 'the socket of the courier is there' talks
    ! inside journalctl -u sluice-courier --no-pager -o cat | grep -q 'no errands' ||
        fail "the courier is refused: $(inside journalctl -u sluice-courier --no-pager -o cat)"
    pass 'the daemon takes the claims of the courier'
    # 422: let in, and told that {} is no claim.
    expect 'the user of the courier is served' test "$(claim_as sluice-courier sluice-courier)" = 422
    expect 'nobody else gets to the socket' test "$(claim_as nobody nogroup)" = 000
    expect 'the courier cannot see the data' test "$(inside nsenter -t "$pid" -m -- \
        setpriv --reuid=sluice-courier --regid=sluice-courier --clear-groups \
        sh -c 'ls /var/lib/sluice/store 2>&1 | grep -c denied')" = 1
    expect 'the daemon can write to the spool, and the courier reads it' inside sh -c '
        set -e
        setpriv --reuid=sluice --regid=sluice --clear-groups sh -c "umask 027; echo sealed >/var/spool/sluice/out/try"
        setpriv --reuid=sluice-courier --regid=sluice-courier --clear-groups cat /var/spool/sluice/out/try >/dev/null
        ! setpriv --reuid=sluice-courier --regid=sluice-courier --clear-groups rm -f /var/spool/sluice/out/try 2>/dev/null
        ! setpriv --reuid=nobody --regid=nogroup --clear-groups cat /var/spool/sluice/out/try 2>/dev/null
        rm /var/spool/sluice/out/try'
}

# The courier's own unit, its whole sandbox with it, carries errands to the container's SSH server:
# as a service for one run, with errands from a file.
check_sandboxed_errands() {
    local drop=/run/systemd/system/sluice-courier.service.d host hash
    inside sh -c 'rm -rf /root/try /root/try.pub /srv/backup && ssh-keygen -q -t ed25519 -N "" -f /root/try && mkdir -p /root/.ssh &&
        cp /root/try.pub /root/.ssh/authorized_keys && mkdir -p /srv/backup'
    host=$(inside sh -c 'for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -l -f "$key"; done' |
        awk '{printf "%s\"%s\"", (NR == 1 ? "" : ","), $2}')
    inside sh -c 'echo sealed >/var/spool/sluice/out/try; chmod 640 /var/spool/sluice/out/try'
    hash=$(inside sha256sum /var/spool/sluice/out/try | cut -c1-64)
    local target="{\"name\":\"nas\",\"sftp\":{\"host\":\"127.0.0.1\",\"path\":\"/srv/backup\",\"user\":\"root\",\
\"hostKeys\":[$host],\"privateKey\":\"$(inside sed ':a;N;$!ba;s/\n/\\n/g' /root/try)\"}}"
    printf '%s\n' \
        "{\"id\":1,\"target\":$target,\"work\":{\"kind\":\"object.put\",\"object\":\"a/try\",\"size\":7,\
\"file\":\"/var/spool/sluice/out/try\",\"sha256\":\"$hash\"}}" \
        "{\"id\":2,\"target\":$target,\"work\":{\"kind\":\"object.get\",\"object\":\"a/try\",\
\"file\":\"/var/spool/sluice/in/try\"}}" \
        "{\"id\":3,\"target\":$target,\"work\":{\"kind\":\"object.get\",\"object\":\"a/try\",\
\"file\":\"/var/spool/sluice/out/no\"}}" |
        inside sh -c 'umask 077; cat >/root/errands'
    inside sh -c "systemctl stop sluice-courier; mkdir -p $drop; printf '%s\n' '[Service]' Type=oneshot Restart=no \
        StandardInput=file:/root/errands StandardOutput=file:/root/reports ExecStart= \
        'ExecStart=/usr/sbin/sluice-courier --once --folder /var/spool/sluice' >$drop/try.conf
        systemctl daemon-reload; systemctl start sluice-courier" 2>/dev/null || true
    inside grep -q '"id":1,"outcome":"done"' /root/reports ||
        fail "in its sandbox the courier cannot store: $(inside cat /root/reports)"
    inside grep -q '"id":2,"outcome":"done"' /root/reports ||
        fail "in its sandbox the courier cannot fetch: $(inside cat /root/reports)"
    inside grep -q '"id":3,"outcome":"refused","reason":"file_unwritable"' /root/reports ||
        fail "in its sandbox the courier can write where it must not: $(inside cat /root/reports)"
    pass 'in its sandbox the courier stores and fetches over SFTP, and writes to its inbox only'
    expect 'what was fetched is for the daemon, too' test "$(inside \
        setpriv --reuid=sluice --regid=sluice --init-groups cat /var/spool/sluice/in/try)" = sealed
    inside sh -c "rm -r $drop /var/spool/sluice/*/try /root/errands /root/reports
        systemctl daemon-reload; systemctl reset-failed sluice-courier; systemctl start sluice-courier"
}

expect_own_data() {
    expect 'data and keys are for nobody else' test -z "$(inside find /var/lib/sluice \
        \( ! -user sluice -o -perm /077 \) ! -type s -printf '%p %M %u\n')"
}

# The steps of docs/operations.md, "The machine's own key" and "A new key", with the host key of the
# container's systemd. The daemon is stopped before and after.
check_machine_key() {
    local drop=/etc/systemd/system/sluiced.service.d
    local credential=LoadCredentialEncrypted=sluice-key:/etc/sluice-key.cred
    inside sh -ec 'umask 077; head -c 32 /dev/urandom >/run/sluice-key
        systemd-creds encrypt --name=sluice-key /run/sluice-key /etc/sluice-key.cred
        sluicectl key add machine --credential /run/sluice-key; shred -u /run/sluice-key' ||
        fail 'no credential of the machine'
    inside sh -ec "mkdir -p $drop; printf '%s\n' '[Service]' $credential >$drop/key.conf
        systemctl daemon-reload; systemctl start sluiced"
    within 30 serves || fail "with the credential: $(inside journalctl -u sluiced --no-pager | tail -5)"
    pass 'starts with a credential of the machine'
    inside systemctl stop sluiced
    inside systemd-run -q --pipe --wait -p "$credential" sluicectl key remove 1
    expect 'the key file of unattended starts is gone' \
        inside test ! -e /var/lib/sluice/keys/unattended.key
    inside systemctl start sluiced
    within 30 serves || fail 'does not start by the credential alone'
    pass 'starts by the credential alone'
    ! inside sluicectl key rotate >/dev/null 2>&1 || fail 'the key was rotated beside the daemon'
    inside systemctl stop sluiced
    inside systemd-run -q --pipe --wait -p "$credential" sluicectl key rotate ||
        fail 'the key cannot be rotated'
    expect_own_data
    inside systemctl start sluiced
    within 30 serves || fail "after a rotation: $(inside journalctl -u sluiced --no-pager | tail -5)"
    expect 'after a rotation all adds up' inside sluicectl verify
    told() { inside sluicectl journal | grep -q store.key_rotated; }
    expect 'the journal tells the rotation' told
    inside systemctl stop sluiced
    inside sh -c "rm -r $drop; systemctl daemon-reload; systemctl start sluiced" 2>/dev/null || true
    ! within 3 serves || fail 'the store opens without the credential'
    pass 'without the credential nothing opens'
    inside sh -c 'systemctl stop sluiced; rm /etc/sluice-key.cred'
}

make_container() {
    [ -e "$root/etc/debian_version" ] && [ -e "$root/made" ] && return 0
    local mirror
    # The mirror that this machine uses itself.
    mirror=$(find /etc/apt -name '*.list' -o -name '*.sources' | sort | xargs -r cat |
        grep -E '^(deb|URIs:) ' | grep -oE '[a-z]+://[^ ]+' | head -1 || true)
    rm -rf "$root"
    echo "making a container from ${mirror:-the default mirror}"
    debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,curl,tzdata \
        bookworm "$root" ${mirror:+"$mirror"} >/dev/null
    rm -f "$root/etc/apt/sources.list"
    cp -rT /etc/apt "$root/etc/apt"
    touch "$root/made"
}

# Runs a command inside of the container, beside its systemd.
inside() { nsenter -t "$leader" -m -u -i -n -p -C -- "$@"; }
is_up() { inside systemctl is-system-running | grep -qE 'running|degraded'; }
answers() { inside curl -fsS --max-time 2 http://127.0.0.1/health/live; }
serves() { [ "$(inside systemctl is-active sluiced)" = active ] && answers; }
main_pid() { inside systemctl show sluiced -p MainPID --value; }

check_life() {
    make_container
    # The libraries come while the host's network is there; the package itself in the container.
    chroot "$root" apt-get update -qq
    chroot "$root" dpkg --purge sluice >/dev/null 2>&1 || true
    rm -rf "$root/var/lib/sluice"
    cp "$deb" "$root/sluice.deb"
    chroot "$root" apt-get install -y -qq --no-install-recommends /sluice.deb openssh-server \
        >/dev/null 2>&1
    chroot "$root" dpkg --purge sluice >/dev/null 2>&1
    pass 'installs, and is purged, where no systemd runs'

    systemd-nspawn -q -D "$root" -b --register=no --keep-unit --private-network \
        --capability=CAP_IPC_LOCK --console=read-only --kill-signal=SIGRTMIN+3 \
        </dev/null >"$root.log" 2>&1 &
    local nspawn=$!
    trap 'kill -TERM '"$nspawn"' 2>/dev/null || true; wait '"$nspawn"' 2>/dev/null || true' EXIT
    within 20 pgrep -P "$nspawn" || fail "the container does not start, see $root.log"
    leader=$(pgrep -P "$nspawn" | head -1)
    within 30 is_up || fail 'systemd does not come up in the container'

    inside dpkg -i /sluice.deb >"$root.install" 2>&1 || fail "dpkg -i: $(cat "$root.install")"
    within 30 serves || {
        inside journalctl -u sluiced --no-pager | tail -30 >&2
        fail 'the daemon does not serve after the installation'
    }
    pass 'installed, started and serving'
    has_code() { inside journalctl -u sluiced --no-pager -o cat | grep -q 'set-up code: '; }
    within 10 has_code || fail 'no set-up code in the journal'
    pass 'the set-up code is in the journal'
    # Its folder in /proc is root's, as that of every process whose memory cannot be dumped.
    expect 'runs as its own user' test "$(inside awk '/^Uid:/ { print $2 }' \
        "/proc/$(main_pid)/status")" = "$(inside id -u sluice)"
    expect 'nobody can dump its memory' \
        test "$(inside stat -c %U "/proc/$(main_pid)/environ")" = root
    expect 'the unit forbids core dumps' \
        test "$(inside awk '/^Max core file size/ { print $5 $6 }' "/proc/$(main_pid)/limits")" = 00
    expect_own_data
    expect 'sluicectl reaches the daemon' inside sluicectl status
    inside curl -fsS http://127.0.0.1/ca.pem >"$root/ca.pem"
    expect 'serves TLS with a certificate by its authority' \
        inside curl -fsS --cacert /ca.pem https://127.0.0.1/health/live
    expect 'leads from plain HTTP to TLS' test "$(inside curl -s -o /dev/null \
        -w '%{redirect_url}' http://127.0.0.1/ui/)" = https://127.0.0.1/ui/
    inside systemctl reload sluiced
    expect 'serves after a reload' serves

    check_courier
    check_sandboxed_errands

    local before
    before=$(main_pid)
    inside systemctl kill --kill-who=main --signal=KILL sluiced
    restarted() { [ "$(main_pid)" != "$before" ] && serves; }
    within 15 restarted || fail 'does not come back after a kill'
    pass 'comes back after a kill'
    before=$(main_pid)
    inside systemctl restart sluiced
    within 15 restarted || fail 'does not come back after a restart'
    pass 'restarts'
    inside systemctl stop sluiced
    expect 'stops cleanly' \
        test "$(inside systemctl show sluiced -p Result --value)" = success

    check_machine_key

    inside dpkg --purge sluice >"$root.purge" 2>&1 || fail "purge: $(cat "$root.purge")"
    expect 'purge keeps the books' inside test -d /var/lib/sluice/keys
    expect 'purge leaves no courier' test "$(inside systemctl is-active sluice-courier)" = inactive
    expect 'purge leaves nothing else' test -z "$(inside find /etc /usr /lib/systemd -name '*sluice*' \
        ! -path '/usr/share/doc/*' 2>/dev/null)"
    inside systemctl poweroff >/dev/null 2>&1 || true
    wait "$nspawn" 2>/dev/null || true
    trap - EXIT
}

check_rules
check_contents
check_programs
if [ $boot = yes ]; then
    if [ "$(id -u)" -eq 0 ] && command -v debootstrap >/dev/null && command -v systemd-nspawn >/dev/null; then
        check_life
    else
        echo 'not run: the life in a container needs root, debootstrap and systemd-nspawn'
    fi
fi
echo "$passed checks passed"
