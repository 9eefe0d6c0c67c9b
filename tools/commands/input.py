"""`evce input`: switches a digital input of a running daemon whose pins are mock pins."""

import socket
from pathlib import Path

import click

from actors.gpio_link import CONTROL_NAME
from tools.commands.actors import DATA

__all__ = ["switch_input"]


@click.command("input")
@DATA
@click.argument("number", type=click.IntRange(1, 3))
@click.argument("state", type=click.Choice(["on", "off"]))
def switch_input(data: Path, number: int, state: str) -> None:
    """Switch a mock input, in the demo or where GPIOZERO_PIN_FACTORY is mock; real pins have real contacts."""
    path = data / CONTROL_NAME
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.settimeout(5.0)
            sock.connect(str(path))
            sock.sendall(f"{number} {state}\n".encode())
            with sock.makefile() as lines:
                answer = lines.readline().strip()
    except OSError as error:
        raise click.ClickException(
            f"no mock inputs at {path}: {error.strerror or error}; is the daemon running, and its inputs enabled?"
        ) from error
    if not answer.startswith("ok"):
        raise click.ClickException(answer or "no answer")
    click.echo(f"input {number} is {state}")
