# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""Handshakes of OpenSSL and GnuTLS with the daemon, and the certificate that it makes."""

import datetime
import http.client
import shutil
import ssl
import subprocess
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from conftest import CONTROL, ENV, FULL, NAME, Box, becomes


@pytest.mark.parametrize("name", [NAME, FULL, "127.0.0.1", "localhost"])
def test_the_chain_holds_for_every_name_of_the_box(box, name):
    _, _, version, cipher = box.handshake(name)
    assert version == "TLSv1.3"
    assert cipher[0] in {"TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"}


@pytest.mark.parametrize("name", ["other.local", "www.example.com", "192.0.2.1"])
def test_it_does_not_hold_for_other_names(box, name):
    with pytest.raises(ssl.SSLCertVerificationError):
        box.handshake(name)


def test_nobody_believes_it_without_the_authority(box):
    with pytest.raises(ssl.SSLCertVerificationError):
        box.handshake(context=box.context(trusted=False))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_versions_are_refused(box, version):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = version
    with pytest.raises(ssl.SSLError):
        box.handshake(context=context)


@pytest.mark.parametrize("suites, taken", [
    ("ECDHE-ECDSA-AES256-GCM-SHA384", True), ("ECDHE-ECDSA-AES128-GCM-SHA256", True), ("ECDHE-ECDSA-CHACHA20-POLY1305", True),
    ("ECDHE-ECDSA-AES256-SHA", False), ("AES256-GCM-SHA384", False), ("DHE-RSA-AES256-GCM-SHA384", False), ("ECDHE-ECDSA-AES128-SHA256", False)])
def test_with_1_2_there_are_three_suites(box, suites, taken):
    context = box.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(suites)
    if taken:
        assert box.handshake(context=context)[3][0] == suites
    else:
        with pytest.raises(ssl.SSLError):
            box.handshake(context=context)


def test_gnutls_believes_it_too(box, tmp_path):
    (tmp_path / "ca.pem").write_text(box.authority)
    command = [shutil.which("gnutls-cli"), "--x509cafile", str(tmp_path / "ca.pem"), "--port", str(box.port), "--sni-hostname", NAME,
               "--verify-hostname", NAME, "127.0.0.1"]
    done = subprocess.run(command, input="", capture_output=True, text=True, timeout=30)
    assert "The certificate is trusted" in done.stdout, done.stdout + done.stderr
    done = subprocess.run(command[:1] + command[3:], input="", capture_output=True, text=True, timeout=30)
    assert done.returncode != 0 and "NOT trusted" in done.stdout


def test_no_handshake_is_begun_twice(box, tmp_path):
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{box.port}", "-msg", "-tls1_3"], input="", capture_output=True, text=True, timeout=30)
    assert done.stdout.count("ClientHello") == 1, "a HelloRetryRequest costs a second trip and twice the work"
    assert "NewSessionTicket" not in done.stdout


def test_a_second_handshake_on_a_connection_is_refused(box):
    client = subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{box.port}", "-tls1_2"], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    begun = ""
    while "Extended master secret" not in begun:
        line = client.stdout.readline()
        assert line, begun
        begun += line
    client.stdin.write("R\n")
    client.stdin.flush()
    rest = client.communicate(timeout=20)[0]
    # A handshake that comes to its certificate says "depth=", as the first one did.
    assert "depth=" in begun and "RENEGOTIATING" in rest and "depth=" not in rest, rest


def test_the_certificate_is_what_browsers_take(box):
    own = x509.load_der_x509_certificate(box.handshake()[1])
    assert own.not_valid_after_utc - own.not_valid_before_utc <= datetime.timedelta(days=398)
    assert isinstance(own.public_key(), ec.EllipticCurvePublicKey) and own.public_key().curve.name == "secp256r1"
    names = own.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {NAME, FULL, "localhost"} <= set(names.get_values_for_type(x509.DNSName))
    assert "127.0.0.1" in {str(one) for one in names.get_values_for_type(x509.IPAddress)}
    assert list(own.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert not own.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_the_authority_can_vouch_for_local_names_only(box):
    authority = x509.load_pem_x509_certificate(box.authority.encode())
    basic = authority.extensions.get_extension_for_class(x509.BasicConstraints)
    assert basic.critical and basic.value.ca and basic.value.path_length == 0
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    permitted = constraints.value.permitted_subtrees
    hosts = {one.value for one in permitted if isinstance(one, x509.DNSName)}
    assert hosts == {"home.arpa", "internal", "lan", "local", "localhost", FULL}
    ranges = [one.value for one in permitted if isinstance(one, x509.IPAddress)]
    assert len(ranges) == 8 and not any(one.is_global for one in ranges)
    assert [one.value for one in permitted if isinstance(one, x509.RFC822Name)] == ["invalid"]
    assert authority.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign


def test_the_authority_and_its_certificates_outlive_a_restart(box):
    before = (box.authority, box.handshake()[1])
    box.stop()
    box.start()
    assert (box.authority, box.handshake()[1]) == before


def test_they_outlive_a_rotation_of_the_root_key(box):
    before = (box.authority, box.handshake()[1])
    box.stop()
    done = subprocess.run([CONTROL, "key", "rotate", "--data", str(box.data)], input="", capture_output=True, text=True, env=ENV)
    assert done.returncode == 0, done.stdout + done.stderr
    box.start()
    assert (box.authority, box.handshake()[1]) == before
    box.control("certificate", "renew")
    box.handshake()


def test_no_key_lies_on_the_disk_in_the_clear(box):
    # The start of every key over P-256 in PKCS #8, and of a certificate's name, which pages hide as well.
    marks = [bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107"), b"PRIVATE KEY", b"BEGIN CERTIFICATE"]
    box.control("certificate", "renew")
    files = [one for one in box.data.rglob("*") if one.is_file()]
    assert len(files) > 4
    for one in files:
        data = one.read_bytes()
        assert not any(mark in data for mark in marks), one


def test_a_new_certificate_is_shown_at_once_and_no_request_fails(tmp_path):
    box = Box(tmp_path / "data", "--requests-per-second", "100000")
    try:
        renewed_under_load(box)
    finally:
        box.stop()


def renewed_under_load(box):
    context, stop, faults, seen, counts = box.context(), threading.Event(), [], set(), []

    def work(keeps):
        connection, count = box.connection(context), 0
        while not stop.is_set():
            try:
                if not keeps:
                    connection.close()
                    connection = box.connection(context)
                connection.request("GET", "/health/live", headers={"Host": NAME})
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    faults.append(answer.status)
                if not keeps:
                    seen.add(connection.sock.getpeercert()["serialNumber"])
                count += 1
            except (OSError, http.client.HTTPException) as error:
                faults.append(repr(error))
                connection = box.connection(context)
        counts.append(count)

    workers = [threading.Thread(target=work, args=(index % 2 == 0,)) for index in range(6)]
    for one in workers:
        one.start()
    shown = set()
    for _ in range(5):
        box.control("certificate", "renew")
        box.hang_up()
        shown.add(x509.load_der_x509_certificate(box.handshake()[1]).serial_number)
    stop.set()
    for one in workers:
        one.join()
    assert faults == []
    assert min(counts) > 10 and len(shown) >= 4 and len(seen) >= 4


def test_a_box_with_another_name_makes_a_certificate_for_it(tmp_path):
    box = Box(tmp_path / "data")
    authority = box.authority
    box.stop()
    box.more = ("--host", "depot.lan,box-9.example.net")
    box.start()
    try:
        assert box.authority == authority
        box.handshake("depot.lan")
        # The authority was made without that name, and cannot vouch for it.
        with pytest.raises(ssl.SSLCertVerificationError):
            box.handshake("box-9.example.net")
        assert "box-9.example.net" in box.control("certificate", "status").split("not covered")[1]
        box.control("certificate", "reset", "--new-authority")
        assert box.authority != authority
        becomes(lambda: believes(box, "box-9.example.net"))
        assert box.told("trust.certificate_issued")[0]["reason"] == "authority"
    finally:
        box.stop()


def believes(box, name):
    try:
        return bool(box.handshake(name))
    except ssl.SSLCertVerificationError:
        return False


def test_the_authority_comes_in_three_forms(box):
    import plistlib
    der = x509.load_pem_x509_certificate(box.authority.encode()).public_bytes(serialization.Encoding.DER)
    status, data, fields = box.ask_plain("GET", "/ca.crt")
    assert status == 200 and data == der and fields["Content-Type"] == "application/x-x509-ca-cert"
    status, data, fields = box.ask_plain("GET", "/ca.mobileconfig")
    assert status == 200 and fields["Content-Type"] == "application/x-apple-aspen-config"
    profile = plistlib.loads(data)
    assert profile["PayloadType"] == "Configuration"
    inner = profile["PayloadContent"][0]
    assert inner["PayloadType"] == "com.apple.security.root" and inner["PayloadContent"] == der
    assert inner["PayloadUUID"] != profile["PayloadUUID"]
