"""Certificates for a branch: a small CA, the broker's certificate, and one for a terminal where mutual TLS is wanted.

The device reads DER (`ca.der`), Mosquitto reads PEM. Keys are EC P-256: a handshake costs the broker 0.5 ms of CPU.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hub.broker.accounts import write_private

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CA_YEARS = 10
#: What browsers and TLS stacks accept at most for a leaf.
LEAF_DAYS = 825
#: Clocks of devices differ; a certificate begins this long before it was made.
BACKDATED = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA that can issue: its certificate and key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def make_authority(now: datetime, name: str = "Kassa branch CA") -> Authority:
    """A fresh CA, able to sign leaves only."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _builder(subject, subject, key, now, timedelta(days=365 * CA_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate, key)


def issue(
    authority: Authority, name: str, hosts: Iterable[str], now: datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """A leaf for a broker reachable as `hosts` (names or addresses), or, without hosts, for a client."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = [_general_name(host) for host in hosts]
    purpose = ExtendedKeyUsageOID.SERVER_AUTH if names else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = _builder(subject, authority.certificate.subject, key, now, timedelta(days=LEAF_DAYS))
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(authority.key, hashes.SHA256()), key


def write_server(directory: Path, hosts: Iterable[str], now: datetime | None = None) -> Authority:
    """Make a CA and a broker's certificate in `directory`: ca.pem, ca.der, ca.key, server.pem, server.key."""
    hosts = list(hosts)
    if not hosts:
        raise ValueError("a broker's certificate needs at least one host name or address")
    now = now or datetime.now(UTC)
    directory.mkdir(parents=True, exist_ok=True)
    authority = make_authority(now)
    certificate, key = issue(authority, hosts[0], hosts, now)
    (directory / "ca.pem").write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
    (directory / "ca.der").write_bytes(authority.certificate.public_bytes(serialization.Encoding.DER))
    (directory / "server.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    write_private(directory / "ca.key", _key_pem(authority.key))
    write_private(directory / "server.key", _key_pem(key))
    return authority


def client_der(authority: Authority, name: str, now: datetime | None = None) -> tuple[bytes, bytes]:
    """(certificate, key) in DER for a terminal that proves itself by mutual TLS."""
    certificate, key = issue(authority, name, (), now or datetime.now(UTC))
    secret = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.DER), secret


def write_client(directory: Path, authority: Authority, name: str, now: datetime | None = None) -> Path:
    """Write `name`.der and `name`.key.der for a terminal; the path of the certificate."""
    certificate, secret = client_der(authority, name, now)
    write_private(directory / f"{name}.key.der", secret)
    path = directory / f"{name}.der"
    path.write_bytes(certificate)
    return path


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    """What CA and leaf have in common."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + lasts)
    )


def _general_name(host: str) -> x509.GeneralName:
    """An address as an address, a name as a name."""
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    """A private key as PEM, for a file only its owner reads."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
