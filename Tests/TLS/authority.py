# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
"""Certificates of somebody else's authority, for uploads."""

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def pem(*certificates):
    return "".join(one.public_bytes(serialization.Encoding.PEM).decode() for one in certificates)


def key_pem(key, passphrase=None, form=serialization.PrivateFormat.PKCS8):
    cipher = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, cipher).decode()


def key(kind="p256"):
    return {"p256": lambda: ec.generate_private_key(ec.SECP256R1()), "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
            "rsa2048": lambda: rsa.generate_private_key(65537, 2048), "rsa1024": lambda: rsa.generate_private_key(65537, 1024)}[kind]()


def certificate(subject, own, names=(), issuer=None, issuer_key=None, start=-DAY, end=90 * DAY, authority=False,
                purpose=ExtendedKeyUsageOID.SERVER_AUTH, path=None, digest=None):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    builder = (x509.CertificateBuilder().subject_name(name).issuer_name(issuer.subject if issuer else name)
               .public_key(own.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(now() + start).not_valid_after(now() + end)
               .add_extension(x509.BasicConstraints(authority, path), True))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([alternative(one) for one in names]), False)
    if purpose and not authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), False)
    return builder.sign(issuer_key or own, digest or hashes.SHA256())


def alternative(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class Company:
    """A root, an authority below it, and certificates by that."""

    def __init__(self):
        self.root_key, self.key = key(), key()
        self.root = certificate("Company Root", self.root_key, authority=True, end=3650 * DAY)
        self.middle = certificate("Company Servers", self.key, issuer=self.root, issuer_key=self.root_key, authority=True, end=1000 * DAY)

    def server(self, names, kind="p256", **more):
        own = key(kind)
        return certificate("box", own, names, issuer=self.middle, issuer_key=self.key, **more), own
