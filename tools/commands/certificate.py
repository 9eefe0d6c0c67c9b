"""`evce certificate`: the authority of the site, and the certificates between the stations and EVCE."""

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from actors.gateway_certificates import CertificateStore, own_hosts
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import parse_json
from evce.errors import EvceError
from evce.security.authority import fingerprint, pem, read_certificate
from evce.security.calls import CertificateUse
from tools.commands.actors import DATA
from tools.commands.site_file import told_plainly
from tools.commands.station_security import WAITS_FOR
from tools.control.client import control
from tools.data_folder import DataFolder

__all__ = ["certificate"]

USE = click.option(
    "--use",
    type=click.Choice([use.value for use in CertificateUse], case_sensitive=False),
    default=CertificateUse.CENTRAL_SYSTEM.value,
    show_default=True,
    help="What the station uses the certificate for.",
)
OUTPUT = click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Write it to this file."
)


@click.group()
def certificate() -> None:
    """Look after the certificates between the stations and EVCE."""


@certificate.command()
@DATA
def show(data: Path) -> None:
    """Tell which root and which server certificate are in use, and list those made for stations."""
    now = datetime.now(UTC)
    with told_plainly():
        store = _store(data)
        listed: dict[str, Any] = control(data, "security")
        table = Table("Certificate", "For", "Until", "SHA-256")
        root, following = store.authority(now), store.next_authority()
        roots = [("root", root)] if following is None else [("root", root), ("next root", following)]
        for what, authority in roots:
            known = authority.certificate
            until = f"{known.not_valid_after_utc:%Y-%m-%d}"
            table.add_row(what, known.subject.rfc4514_string(), until, fingerprint(known))
        for made in listed["certificates"]:
            until = "revoked" if made["revoked_at"] else made["expires_at"][:10]
            table.add_row(made["serial"], made["station"], until, made["fingerprint"])
    Console().print(table)


@certificate.command()
@DATA
@OUTPUT
@click.option("--next", "following", is_flag=True, help="The one that is prepared to follow.")
def root(data: Path, output: Path | None, following: bool) -> None:
    """Give out the root certificate (PEM), for stations that are told to trust it by hand."""
    with told_plainly():
        store = _store(data)
        authority = store.next_authority() if following else store.authority(datetime.now(UTC))
    if authority is None:
        raise click.ClickException("no next root is prepared: `evce certificate renew-root` prepares one")
    text = pem(authority.certificate)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text)
        click.echo(f"{output}: {fingerprint(authority.certificate)}")


@certificate.command("renew-root")
@DATA
@click.option("--switch", is_flag=True, help="Have the prepared root take over.")
def renew_root(data: Path, switch: bool) -> None:
    """Prepare the next root, or with --switch have it take over.

    In between, have every station take it (`evce certificate install STATION --next`): one that doesn't know
    it can't connect once it signs. Certificates of stations that the old root has signed stay good.
    """
    now = datetime.now(UTC)
    with told_plainly():
        store = _store(data)
        try:
            authority = store.switch(now) if switch else store.prepare_next(now)
        except (OSError, ValueError) as error:
            raise click.ClickException(str(error)) from error
    text = "signs from the next start of EVCE on, or within six hours" if switch else "is prepared"
    click.echo(f"the root {fingerprint(authority.certificate)} {text}")


@certificate.command()
@DATA
def renew(data: Path) -> None:
    """Make a new certificate toward the stations now; it is renewed by itself 60 days before its end."""
    with told_plainly():
        document = _document(data)
        made = _store(data).renew_server(
            datetime.now(UTC), own_hosts(document.ocpp.host, *document.ocpp.tls_names)
        )
    click.echo(f"{fingerprint(made)} is used from the next start of EVCE on, or within six hours")


@certificate.command()
@DATA
@click.argument("box_identity", metavar="STATION")
def request(data: Path, box_identity: str) -> None:
    """Have a station ask for a certificate; EVCE checks what it asks for, and signs it."""
    with told_plainly():
        answer = _control(data, "request_certificate", station=box_identity)
    click.echo(answer["text"])


@certificate.command()
@DATA
@click.argument("serial")
@click.confirmation_option(prompt="Its station won't connect with this certificate any more. Revoke it?")
def revoke(data: Path, serial: str) -> None:
    """Let nobody in any more with the certificate of this serial number."""
    with told_plainly():
        answer = _control(data, "revoke_certificate", serial=serial)
    click.echo(answer["text"])


@certificate.command()
@DATA
@click.argument("box_identity", metavar="STATION")
@USE
@click.option("--next", "following", is_flag=True, help="The root that is prepared to follow.")
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Another root certificate (PEM) than EVCE's own.",
)
def install(data: Path, box_identity: str, use: str, following: bool, path: Path | None) -> None:
    """Have a station trust a root certificate: EVCE's own, if no other is named."""
    with told_plainly():
        if path is None:
            store = _store(data)
            authority = store.next_authority() if following else store.authority(datetime.now(UTC))
            if authority is None:
                raise click.ClickException("no next root is prepared")
            text = pem(authority.certificate)
        else:
            text = _pem_of(path)
        answer = _control(data, "install_certificate", station=box_identity, use=use, certificate=text)
    click.echo(answer["text"])


@certificate.command()
@DATA
@click.argument("box_identity", metavar="STATION")
@USE
def installed(data: Path, box_identity: str, use: str) -> None:
    """List the root certificates that a station trusts."""
    with told_plainly():
        found = _control(data, "installed_certificates", station=box_identity, use=use)["certificates"]
    if not found:
        click.echo("none")
        return
    table = Table("Serial number", "Hash", "Issuer's name", "Issuer's key")
    for known in found:
        table.add_row(
            known["serial"], known["algorithm"], known["issuer_name_hash"], known["issuer_key_hash"]
        )
    Console().print(table)


@certificate.command()
@DATA
@click.argument("box_identity", metavar="STATION")
@click.argument("serial")
@USE
def delete(data: Path, box_identity: str, serial: str, use: str) -> None:
    """Have a station forget the root certificate of this serial number, as `installed` lists it."""
    with told_plainly():
        found = _control(data, "installed_certificates", station=box_identity, use=use)["certificates"]
        wanted = [known for known in found if known["serial"].upper() == serial.upper()]
        if len(wanted) != 1:
            there = ", ".join(known["serial"] for known in found) or "none"
            raise click.ClickException(f"serial={serial!r}: {box_identity} has {there}")
        answer = _control(data, "delete_certificate", station=box_identity, certificate=wanted[0])
    click.echo(answer["text"])


def _control(data: Path, deed: str, **arguments: Any) -> dict[str, Any]:
    return control(data, deed, timeout=WAITS_FOR, author=getpass.getuser(), **arguments)


def _document(data: Path) -> SiteDocument:
    with DataFolder(data).read(datetime.now(UTC)) as store:
        revision = store.newest_revision()
    if revision is None:
        raise EvceError(f"{data} holds no site yet")
    return parse_json(revision.document)


def _store(data: Path) -> CertificateStore:
    return CertificateStore(data, _document(data).site.name)


def _pem_of(path: Path) -> str:
    try:
        return pem(read_certificate(path.read_text()))
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{path}: {error}") from error
