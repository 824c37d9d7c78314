"""A sealed run directory is, to the byte, what was sealed, or it is said what is not."""

import re
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from atmbench.errors import LocalError
from atmbench.store.manifest import Difference, manifest_of
from atmbench.store.seal import Verified, new_key, seal, verify

AT = "2026-01-05T09:00:00Z"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "lab.key"
    new_key(path)
    return path


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    (folder / "journals").mkdir(parents=True)
    (folder / "history.jsonl").write_bytes(b'{"fact":"run_started"}\n{"fact":"run_ended"}\n')
    (folder / "journals" / "T01.log").write_text("09:00:00 000001 WITHDRAWAL\n")
    return folder


def sealed(folder: Path, key: Path) -> None:
    seal(folder, key, sealed_at=AT, version="1.2.3")


def held(folder: Path, key: Path) -> Verified:
    return verify(folder, key.with_name(f"{key.name}.pub"))


def test_what_was_sealed_is_found_as_it_was(run_dir: Path, key: Path) -> None:
    manifest, fingerprint = seal(run_dir, key, sealed_at=AT, version="1.2.3")
    found = held(run_dir, key)
    assert (found.is_whole, found.manifest, found.fingerprint) == (True, manifest, fingerprint)
    assert list(manifest.files) == ["history.jsonl", "journals/T01.log"]
    assert (manifest.sealed_at, manifest.atmbench, manifest.files["journals/T01.log"].octets) == (AT, "1.2.3", 27)


def test_one_changed_byte_is_found_wherever_it_is(run_dir: Path, key: Path) -> None:
    sealed(run_dir, key)
    path = run_dir / "history.jsonl"
    octets = path.read_bytes()
    for at in range(len(octets)):
        path.write_bytes(octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :])
        found = held(run_dir, key)
        assert [each.path for each in found.differences] == ["history.jsonl"]
        assert "has other bytes: SHA-256 " in found.differences[0].says
    path.write_bytes(octets)
    assert held(run_dir, key).is_whole


def test_what_is_longer_added_or_gone_is_named(run_dir: Path, key: Path) -> None:
    sealed(run_dir, key)
    (run_dir / "journals" / "T01.log").unlink()
    (run_dir / "report.txt").write_text("PASS\n")
    with (run_dir / "history.jsonl").open("ab") as file:
        file.write(b"\n")
    assert held(run_dir, key).differences == [
        Difference("history.jsonl", "has 45 bytes, and had 44"),
        Difference("journals/T01.log", "is gone"),
        Difference("report.txt", "was added"),
    ]


def test_a_manifest_that_was_made_to_fit_is_not_signed(run_dir: Path, key: Path) -> None:
    sealed(run_dir, key)
    (run_dir / "history.jsonl").write_bytes(b"another story\n")
    manifest = run_dir / "seal.json"
    fitting = manifest_of(run_dir, sealed_at=AT, version="1.2.3").files["history.jsonl"]
    found = held(run_dir, key)
    was = found.manifest.files["history.jsonl"]
    text = manifest.read_text().replace(was.sha256, fitting.sha256).replace(f'"octets": {was.octets}', '"octets": 14')
    manifest.write_text(text)
    found = held(run_dir, key)
    assert (found.differences, found.is_signed, found.is_whole) == ([], False, False)


def test_another_key_has_not_signed(run_dir: Path, key: Path, tmp_path: Path) -> None:
    sealed(run_dir, key)
    other = tmp_path / "other.key"
    assert new_key(other) == held(run_dir, other).fingerprint != held(run_dir, key).fingerprint
    assert not held(run_dir, other).is_signed


def test_a_private_key_checks_what_it_has_sealed(run_dir: Path, key: Path) -> None:
    sealed(run_dir, key)
    assert verify(run_dir, key).is_whole


def test_openssl_makes_keys_for_it_and_checks_what_it_signs(run_dir: Path, tmp_path: Path) -> None:
    key, public = tmp_path / "o.key", tmp_path / "o.pub"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
    subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", public], check=True)
    key.chmod(0o600)
    sealed(run_dir, key)
    check = f"openssl pkeyutl -verify -pubin -inkey {public} -rawin -in seal.json -sigfile seal.sig"
    subprocess.run(check.split(), cwd=run_dir, check=True)
    assert verify(run_dir, public).is_whole


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda run_dir, key: (run_dir / "link").symlink_to("history.jsonl"), r"link in .* is no plain file"),
        (lambda run_dir, key: (run_dir / "seal.json").write_text("{}"), "is sealed already"),
        (lambda run_dir, key: key.chmod(0o640), "open to others than its owner; run `chmod 600"),
        (lambda run_dir, key: key.unlink(), "there is no key to sign with; make one with"),
        (lambda run_dir, key: key.write_text("no key"), "there is no private key in PEM"),
        (lambda run_dir, key: key.write_bytes(of_another_kind()), "of another kind than Ed25519"),
        (lambda run_dir, key: key.write_bytes(b"x" * 10_001), "has more than 10,000 bytes"),
    ],
)
def test_what_cannot_be_sealed_is_refused_and_nothing_is_written(
    run_dir: Path, key: Path, spoil: object, says: str
) -> None:
    assert callable(spoil)
    spoil(run_dir, key)
    with pytest.raises(LocalError, match=says):
        sealed(run_dir, key)
    assert not (run_dir / "seal.sig").exists()


def of_another_kind() -> bytes:
    return generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_an_empty_directory_is_not_sealed(tmp_path: Path, key: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(LocalError, match="has no files; there is nothing to seal"):
        sealed(tmp_path / "empty", key)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("seal.json", None, "is not sealed, or its seal was taken away: there is no seal.json"),
        ("seal.sig", None, "has a manifest that nobody signed: there is no seal.sig"),
        ("seal.sig", b"s" * 65, "has more than 64 bytes, which a seal never has"),
        ("seal.json", b"[]", "seal.json is no manifest: "),
        (
            "seal.json",
            b'{"format":"seal 9","sealed_at":"","atmbench":"","files":{}}',
            "this atmbench reads 'atmbench seal 1'",
        ),
    ],
)
def test_a_seal_that_cannot_be_read_is_said_to_be_so(
    run_dir: Path, key: Path, name: str, text: bytes | None, says: str
) -> None:
    sealed(run_dir, key)
    (run_dir / name).unlink()
    if text is not None:
        (run_dir / name).write_bytes(text)
    with pytest.raises(LocalError, match=re.escape(says)):
        held(run_dir, key)


def test_a_key_is_never_written_over(key: Path) -> None:
    before = key.read_bytes()
    with pytest.raises(LocalError, match=r"lab\.key is there already"):
        new_key(key)
    assert (key.read_bytes(), key.stat().st_mode & 0o777) == (before, 0o600)


@given(octets=st.binary(max_size=200))
def test_any_bytes_for_a_public_key_are_an_error_of_ours(
    octets: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "key").write_bytes(octets)
    (folder / "key").chmod(0o600)
    with pytest.raises(LocalError):
        verify(folder, folder / "key")
