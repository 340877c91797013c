# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""A certificate that a company brings: what is taken, what is refused, and the way back."""

import datetime
import json
import ssl

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID

from authority import DAY, Company, certificate, key, key_pem, pem
from conftest import NAME, becomes

HOUR = datetime.timedelta(hours=1)
company = Company()
other = Company()


def uploads():
    """Name → chain, key, the code of the refusal."""
    good, own = company.server([NAME])
    foreign, _ = company.server([NAME])
    late, late_key = company.server([NAME], start=-9 * DAY, end=-HOUR)
    early, early_key = company.server([NAME], start=HOUR, end=9 * DAY)
    weak, weak_key = company.server([NAME], kind="rsa1024")
    mail, mail_key = company.server([NAME], purpose=ExtendedKeyUsageOID.EMAIL_PROTECTION)
    elsewhere, elsewhere_key = company.server(["www.example.com"])
    return {
        "no certificate": ("hello", key_pem(own), "trust.chain_unreadable"),
        "a broken block": (pem(good)[:200] + "\n-----END CERTIFICATE-----\n", key_pem(own), "trust.chain_unreadable"),
        "nine certificates": (pem(good) * 9, key_pem(own), "trust.chain_unreadable"),
        "no key": (pem(good), "hello", "trust.key_unreadable"),
        "a certificate as key": (pem(good), pem(good), "trust.key_unreadable"),
        "a key under a passphrase": (pem(good), key_pem(own, b"secret"), "trust.key_locked"),
        "another's key": (pem(good), key_pem(key()), "trust.key_mismatch"),
        "another certificate of the same name": (pem(foreign), key_pem(own), "trust.key_mismatch"),
        "the authority first": (pem(company.middle, good), key_pem(own), "trust.chain_order"),
        "another's authority": (pem(good, other.middle), key_pem(own), "trust.chain_order"),
        "the root in between": (pem(good, company.root, company.middle), key_pem(own), "trust.chain_order"),
        "ended": (pem(late, company.middle), key_pem(late_key), "trust.expired"),
        "not yet": (pem(early, company.middle), key_pem(early_key), "trust.not_yet"),
        "RSA of 1,024 bits": (pem(weak, company.middle), key_pem(weak_key), "trust.too_weak"),
        "for mail": (pem(mail, company.middle), key_pem(mail_key), "trust.not_for_servers"),
        "another name": (pem(elsewhere, company.middle), key_pem(elsewhere_key), "trust.names_missing"),
    }


def install(office, chain, own):
    status, data, _ = office.ask("PUT", "/api/v1/certificate", {"chain": chain, "key": own})
    return status, json.loads(data)


def test_what_does_not_fit_is_refused_and_nothing_changes(office):
    before = office.handshake()[1]
    for name, (chain, own, code) in uploads().items():
        status, answer = install(office, chain, own)
        assert (status, answer["code"]) == (422, code), (name, answer)
        assert answer["errors"][0]["pointer"] in ("/chain", "/key")
    assert office.handshake()[1] == before
    assert office.told("trust.certificate_installed") == []


@pytest.mark.parametrize("kind, form", [("p256", serialization.PrivateFormat.PKCS8), ("p384", serialization.PrivateFormat.TraditionalOpenSSL),
                                        ("rsa2048", serialization.PrivateFormat.TraditionalOpenSSL)])
def test_what_fits_is_shown_at_once_and_the_key_never_again(office, kind, form):
    server, own = company.server([NAME, "box.company.example"], kind=kind)
    # With the root, as some authorities send it; it is not passed on.
    status, answer = install(office, pem(server, company.middle, company.root), key_pem(own, form=form))
    assert status == 200 and answer["origin"] == "installed" and "box-1.example.org" in answer["uncovered"]
    trusts = authority_context(company.root)
    becomes(lambda: shows(office, trusts, server))
    secret = key_pem(own).splitlines()[2]
    for text in (json.dumps(answer), office.control("certificate", "status", "--json"), office.control("journal", "--json")):
        assert secret not in text
    office.stop()
    office.start()
    assert shows(office, trusts, server)


def shows(office, trusts, server):
    """Whether the box shows that certificate, and it is believed."""
    return shows_bytes(office, trusts, server.public_bytes(serialization.Encoding.DER))


def test_there_is_a_way_back(office):
    server, own = company.server([NAME, "127.0.0.1"])
    assert office.ask("DELETE", "/api/v1/certificate")[0] == 409
    before = office.handshake()[1]
    trusts = office.context()
    assert install(office, pem(server, company.middle), key_pem(own))[0] == 200
    becomes(lambda: shows(office, authority_context(company.root), server))
    status, data, _ = office_ask(office, company.root, "DELETE", "/api/v1/certificate")
    assert status == 200 and json.loads(data)["origin"] == "issued"
    becomes(lambda: shows_bytes(office, trusts, before))
    assert len(office.told("trust.certificate_removed")) == 1


def shows_bytes(office, trusts, der):
    try:
        return office.handshake(context=trusts)[1] == der
    except ssl.SSLCertVerificationError:
        return False


def office_ask(office, root, *given):
    """Asks a box that shows a certificate of the company."""
    office.context = lambda trusted=True: authority_context(root)
    try:
        return office.ask(*given)
    finally:
        del office.context


def authority_context(root):
    return ssl.create_default_context(cadata=pem(root))


def test_the_command_line_installs_and_does_nothing_twice(box, tmp_path):
    server, own = company.server([NAME])
    (tmp_path / "chain.pem").write_text(pem(server, company.middle))
    (tmp_path / "key.pem").write_text(key_pem(own))
    words = ("certificate", "install", "--chain", str(tmp_path / "chain.pem"), "--key", str(tmp_path / "key.pem"))
    assert "installed" in box.control(*words)
    assert "shown already" in box.control(*words)
    assert len(box.told("trust.certificate_installed")) == 1
    (tmp_path / "key.pem").write_text(key_pem(key()))
    (tmp_path / "chain.pem").write_text(pem(company.server([NAME])[0]))
    assert "do not belong together" in box.control(*words, expect=2)
    assert "own authority" in box.control("certificate", "reset")


def test_an_end_that_comes_near_is_told_once(box):
    own = key()
    server = certificate("box", own, [NAME], issuer=company.middle, issuer_key=company.key, start=-80 * DAY, end=10 * DAY)
    box.set_up()
    assert install(box, pem(server, company.middle), key_pem(own))[0] == 200
    for _ in range(2):
        box.control("jobs", "run", "trust.renew")
        box.control("verify")
    becomes(lambda: box.told("trust.certificate_ending"))
    assert len(box.told("trust.certificate_ending")) == 1
    assert "ending" in box.control("certificate", "status", expect=1)


