"""The commands `seal` and `verify`: a run directory as evidence that cannot be changed unseen."""

import time
from pathlib import Path

import click

from atmbench import __version__
from atmbench.cli_words import EXIT_FAIL, EXIT_PASS
from atmbench.errors import LocalError

SHOWN_MAX = 20
"""Differences that are printed one by one."""


@click.command()
@click.argument("run_dir", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--key", "key_path", type=click.Path(path_type=Path), help="Private key, PEM, Ed25519, yours alone.")
@click.option(
    "--new-key", "new_path", type=click.Path(path_type=Path), metavar="FILE", help="Make a key, and FILE.pub beside it."
)
def seal(run_dir: Path | None, key_path: Path | None, new_path: Path | None) -> None:
    """Sign what lies in RUN_DIR, so that anybody with the public key can see that it is unchanged.

    Writes seal.json, the length and SHA-256 of every file, and seal.sig, its Ed25519 signature.
    """
    from atmbench.store.seal import new_key
    from atmbench.store.seal import seal as sealed

    if new_path is not None:
        click.echo(f"made the key {new_path} (keep it) and {new_path}.pub (give it away)")
        click.echo(f"fingerprint: {new_key(new_path)}")
        key_path = key_path or new_path
    if run_dir is None:
        if new_path is None:
            raise LocalError("nothing to seal; name a run directory, or make a key with --new-key FILE")
        return
    if key_path is None:
        raise LocalError("a seal needs a key; name one with --key, or make one with --new-key FILE")
    sealed_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    manifest, fingerprint = sealed(run_dir, key_path, sealed_at=sealed_at, version=__version__)
    octets = sum(file.octets for file in manifest.files.values())
    click.echo(f"sealed {len(manifest.files):,} files of {run_dir}, {octets:,} bytes, at {sealed_at}")
    click.echo(f"signed by: {fingerprint}")


@click.command()
@click.argument("run_dir", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--key", "key_path", type=click.Path(path_type=Path), required=True, help="Public key of whoever sealed it, PEM."
)
def verify(run_dir: Path, key_path: Path) -> None:
    """Say whether RUN_DIR is, to the byte, what was sealed with this key.

    The exit code is 0 if it is, and 1 if a file was changed, added or taken away, or another key signed.
    """
    from atmbench.store.seal import verify as verified

    found = verified(run_dir, key_path)
    for each in found.differences[:SHOWN_MAX]:
        click.echo(f"  {each.path} {each.says}")
    if len(found.differences) > SHOWN_MAX:
        click.echo(f"  and {len(found.differences) - SHOWN_MAX:,} more")
    if not found.is_signed:
        click.echo(f"FAIL  {run_dir}: the signature is not that of key {found.fingerprint} over this manifest")
    elif found.differences:
        click.echo(f"FAIL  {run_dir}: {len(found.differences):,} files are not as they were sealed")
    else:
        files = len(found.manifest.files)
        click.echo(f"PASS  {run_dir}: {files:,} files are as they were sealed at {found.manifest.sealed_at}")
        click.echo(f"signed by: {found.fingerprint}")
    raise click.exceptions.Exit(EXIT_PASS if found.is_whole else EXIT_FAIL)
