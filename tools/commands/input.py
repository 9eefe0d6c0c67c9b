"""`evce input`: switches a digital input of a running daemon whose pins are mock pins."""

from pathlib import Path

import click

from actors.gpio_link import CONTROL_NAME, RESET_CONTROL_NAME, InputControlError
from actors.gpio_link import switch_input as switch_pin
from tools.commands.actors import DATA

__all__ = ["switch_input"]


@click.command("input")
@DATA
@click.argument("number", type=click.Choice(["1", "2", "3", "reset"]))
@click.argument("state", type=click.Choice(["on", "off"]))
def switch_input(data: Path, number: str, state: str) -> None:
    """Switch a mock input, in the demo or with GPIOZERO_PIN_FACTORY=mock; real pins have real contacts.

    `reset` is the reset contact, on while it is bridged.
    """
    reset = number == "reset"
    try:
        switch_pin(
            data / (RESET_CONTROL_NAME if reset else CONTROL_NAME), 1 if reset else int(number), state == "on"
        )
    except InputControlError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{'the reset contact' if reset else f'input {number}'} is {state}")
