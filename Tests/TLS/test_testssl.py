# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""testssl.sh finds nothing above LOW but what follows from an authority that is not known to all."""

import json
import os
import shutil
import subprocess

import pytest

from conftest import NAME

# The machine that tests, not the box; and a client that asks for a second handshake is cut off, which this version takes for
# a yes (test_handshake.py, "a second handshake ...").
NOT_THE_BOX = {"engine_problem", "secure_client_renego"}
# Chain of trust, revocation and transparency are affairs of public authorities. No redirect and no header
# for TLS only before somebody turned it on.
OWN_AUTHORITY = {"cert_chain_of_trust", "cert_trust", "cert_notAfter", "cert_crlDistributionPoints", "cert_ocspURL", "cert_revocation",
                 "DNS_CAArecord", "certificate_transparency", "cert_extlifeSpan", "cert_expirationStatus"}


@pytest.mark.skipif(not os.environ.get("SLUICE_TESTSSL"), reason="takes minutes: make test-tls sets SLUICE_TESTSSL")
def test_nothing_above_low(office, tmp_path):
    office.json("PUT", "/api/v1/certificate/strict", {"on": True})
    (tmp_path / "ca.pem").write_text(office.authority)
    result = tmp_path / "result.json"
    program = shutil.which("testssl") or shutil.which("testssl.sh")
    subprocess.run([program, "--quiet", "--color", "0", "--jsonfile", str(result), "--add-ca", str(tmp_path / "ca.pem"), "--ip", "127.0.0.1",
                    "--warnings", "off", "--nodns", "none", f"{NAME}:{office.port}"], stdout=subprocess.DEVNULL, timeout=900)
    findings = json.loads(result.read_text())
    assert len(findings) > 80
    print({one["id"]: one["finding"] for one in findings if one["severity"] == "LOW"})
    grave = [(one["id"], one["severity"], one["finding"]) for one in findings
             if one["severity"] in ("MEDIUM", "HIGH", "CRITICAL", "WARN", "FATAL") and one["id"].split(" ")[0] not in OWN_AUTHORITY | NOT_THE_BOX]
    assert grave == []
