"""Who is let in: tokens, names of loopback, TLS."""

import datetime
import ssl
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from atmbench.control.gate import is_loopback
from atmbench.control.server import Door, Server
from atmbench.control.token import read_token
from atmbench.errors import LocalError, VenueError
from atmbench.run.live import LiveBench
from tests.control.talk import SOURCE, talk

TOKEN = "0123456789abcdef"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "::1", "localhost."])
def test_names_of_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "192.168.1.1", "localhost.evil.example", "127.0.0.1.nip.io"])
def test_all_other_names_are_not(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("door", "says"),
    [
        (Door(host="0.0.0.0"), "0.0.0.0 is not loopback, and a bench that others can reach needs a token"),
        (Door(token="short"), "the token is none; expected 16 to 512 printable"),
        (Door(token="no\nlines-in-a-token"), "the token is none"),
        (Door(cert=Path("c.pem")), "TLS needs a certificate and its key"),
    ],
)
def test_a_door_that_lets_anybody_in_is_not_opened(door: Door, says: str) -> None:
    with pytest.raises(LocalError, match=says) as refused:
        door.check()
    assert "short" not in str(refused.value)


def test_a_door_never_shows_its_token() -> None:
    door = Door(host="0.0.0.0", token=TOKEN)
    door.check()
    assert TOKEN not in repr(door)


def test_a_token_is_read_from_a_file_of_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    path.chmod(0o644)
    with pytest.raises(LocalError, match="open to others than its owner"):
        read_token(path)
    path.chmod(0o600)
    assert read_token(path) == TOKEN
    with pytest.raises(LocalError, match="cannot be read"):
        read_token(tmp_path / "none")


def certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.datetime(2020, 1, 1))
        .not_valid_after(datetime.datetime(2120, 1, 1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_path, key_path = folder / "cert.pem", folder / "key.pem"
    cert_path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert_path, key_path


def test_with_a_certificate_it_speaks_tls(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)

    async def script(client: httpx.AsyncClient, bench: LiveBench) -> None:
        assert client.base_url.scheme == "https"
        assert (await client.get("/v1/bench")).json()["drill"] == "talk"

    trusted = ssl.create_default_context(cafile=cert)
    talk(tmp_path, script, verify=trusted, host="localhost", cert=cert, key=key)


def test_a_certificate_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c.pem").write_text("nothing")

    with pytest.raises(LocalError, match="TLS cannot be set up"):
        Door(cert=tmp_path / "c.pem", key=tmp_path / "c.pem").check()


def test_a_port_that_is_taken_is_said_and_nothing_stays_open(tmp_path: Path) -> None:
    async def script(client: httpx.AsyncClient, bench: LiveBench) -> None:
        port = client.base_url.port
        other = LiveBench(SOURCE, out=tmp_path / "other", venue="virtual")
        with pytest.raises(VenueError, match=f"nobody can listen at 127.0.0.1:{port}: .* choose another --port"):
            await Server(other, Door(port=port or 0), lambda url: None).run()

    talk(tmp_path, script)
