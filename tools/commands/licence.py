"""`evce licence`: which capacity a site has, installing a licence, and signing one as its vendor."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evce.configuration.capacity import beyond, levels_of, licence_of, reference_of
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import next_revision, parse_json
from evce.licence import REFERENCES, LicenceError, sign_licence
from evce.licence.signed import LONGEST
from tools.commands.config import AUTHOR, DATA, YES, newest_of, open_revisions, put_in_force
from tools.commands.site_file import told_plainly
from tools.identity import unique_identifier

__all__ = ["KEY", "licence", "private_key"]

KEY = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.group()
def licence() -> None:
    """See and change the capacity that a site may have.

    Without a licence everything is allowed, without limit.
    """


@licence.command()
@DATA
def show(data: Path) -> None:
    """Show the capacity reference, the unique identifier, and what of it is used."""
    with open_revisions(data, datetime.now(UTC)) as store:
        document = parse_json(newest_of(store).document)
    reference, held = reference_of(document), licence_of(document)
    click.echo(f"Reference:   {reference.name}")
    click.echo(f"Identifier:  {unique_identifier() or 'this machine has no network interface'}")
    if held is not None:
        click.echo(f"Licence:     for {held.identifier}, {held.holder}, {held.issued_on}")
    for name, allowed, used in (
        ("Stations", reference.stations, len(document.stations)),
        ("Zones", reference.zones, len(document.zones)),
        ("Levels", reference.levels, levels_of(document)),
    ):
        click.echo(f"{f'{name}:':<13}{used} of {'any number' if allowed is None else allowed}")
    for name, allows in (
        ("Dynamic", reference.dynamic),
        ("TOU and DI", reference.tariff_and_inputs),
        ("Other loads", reference.other_loads),
        ("VIP", reference.vip),
    ):
        click.echo(f"{f'{name}:':<13}{'yes' if allows else 'no'}")
    for refusal in beyond(document):
        click.echo(f"beyond the licence, and left as it is: {refusal}")


@licence.command()
@DATA
@AUTHOR
@YES
@click.argument("file", type=KEY)
def install(data: Path, author: str, yes: bool, file: Path) -> None:
    """Install the licence in FILE; what is charging goes on, also where the site is larger than it allows."""
    now = datetime.now(UTC)
    with file.open("rb") as content:
        text = "".join(content.read(LONGEST + 1).decode("ascii", "replace").split())
    with open_revisions(data, now) as store:
        newest = newest_of(store)
        plain = parse_json(newest.document).plain()
        plain["site"]["licence"] = text
        with told_plainly():
            record = next_revision(
                newest,
                SiteDocument.parse(plain),
                author=author,
                comment=f"licence from {file.name}",
                now=now,
                accept_unproven=True,
                identifier=unique_identifier(),
            )
        put_in_force(store, newest, record, yes)


@licence.command()
@click.option("--key", type=KEY, required=True, help="File of the private key, PEM, Ed25519.")
@click.option("--reference", type=click.Choice(list(REFERENCES)), required=True, help="What it gives.")
@click.option("--identifier", required=True, help="MAC address of the EVCE that it is for.")
@click.option("--holder", default="", help="Who has bought it.")
def sign(key: Path, reference: str, identifier: str, holder: str) -> None:
    """Sign a licence as the vendor, and write it to the standard output."""
    private = private_key(key)
    try:
        click.echo(sign_licence(private, reference, identifier, holder, datetime.now(UTC).date()))
    except LicenceError as error:
        raise click.ClickException(str(error)) from error


@licence.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
def key(file: Path) -> None:
    """Make a private key in FILE, for the vendor alone, and tell the public key that the product needs."""
    made = Ed25519PrivateKey.generate()
    pem = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
            output.write(pem)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    public = made.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    click.echo(public.hex())


def private_key(file: Path) -> Ed25519PrivateKey:
    """The vendor's key in a file. Raises ClickException."""
    try:
        private = serialization.load_pem_private_key(file.read_bytes(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise click.ClickException(f"{file}: no private key without a pass phrase in PEM: {error}") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise click.ClickException(f"{file}: must be an Ed25519 key; `evce licence key` makes one")
    return private
