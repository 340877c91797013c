# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""An authenticator in software, with another maker's CBOR and keys, that can be made to lie."""

import base64
import hashlib
import json
import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class SoftKey:
    """One ES256 key. `host`, `origin`, `flags` and `counter` are what it says of the ceremony."""

    def __init__(self, origin, host="localhost"):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential = os.urandom(48)
        self.origin, self.host, self.flags, self.counter = origin, host, 0x05, 1

    def client(self, kind, challenge):
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def data(self, attested=b""):
        flags = self.flags | (0x40 if attested else 0)
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big") + attested

    def register(self, challenge, name="Soft key"):
        cose = dict(ES256.from_cryptography_key(self.key.public_key()))
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + cbor.encode(cose)
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": self.data(attested)})
        return {"name": name, "clientData": text(self.client("webauthn.create", challenge)), "attestation": text(attestation)}

    def answer(self, challenge):
        client, data = self.client("webauthn.get", challenge), self.data()
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return {"credential": text(self.credential), "clientData": text(client), "authenticatorData": text(data),
                "signature": text(signature)}
