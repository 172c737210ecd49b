"""A certificate authority of the tests' own, and a server certificate it signed, for listeners that speak TLS."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_BEGINS = datetime(2020, 1, 1, tzinfo=UTC)
_ENDS = _BEGINS + timedelta(days=365 * 60)


def write_certificates(folder: Path) -> tuple[Path, Path]:
    """Writes the authority's certificate and the server's chain with its key; gives both paths.

    The server is `localhost` and 127.0.0.1.
    """
    ours, theirs = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _signed(_named("Been There tests"), _named("Been There tests"), ours, ours, is_authority=True)
    server = _signed(_named("localhost"), _named("Been There tests"), theirs, ours, is_authority=False)
    ca, chain = folder / "ca.pem", folder / "server.pem"
    key = theirs.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    ca.write_bytes(_pem(authority))
    chain.write_bytes(key + _pem(server) + _pem(authority))
    return ca, chain


def _signed(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
) -> x509.Certificate:
    made = x509.CertificateBuilder(
        issuer, subject, key.public_key(), x509.random_serial_number(), _BEGINS, _ENDS
    ).add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    if not is_authority:
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return made.sign(by, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
