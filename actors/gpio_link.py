"""The GPIO edge: watches pins through gpiozero, real ones or mock pins that can be switched from outside."""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import socket
import stat
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gpiozero import Device, DigitalInputDevice, DigitalOutputDevice
from gpiozero.pins import Factory
from gpiozero.pins.mock import MockFactory

from actors.input_board import PinsLost, PinsSeen, SessionKey
from actors.messages import Message
from evce.units import Seconds

__all__ = ["CONTROL_NAME", "RESET_CONTROL_NAME", "GpioLink", "InputControlError", "switch_input"]

logger = logging.getLogger(__name__)

LOOK_EVERY: Seconds = 0.25
"""All pins are read this often besides their edges: a sign of life, and an edge that was lost heals."""

CONTROL_NAME = "inputs.sock"
"""The control socket's name in the data folder."""

RESET_CONTROL_NAME = "reset.sock"
"""That of the reset contact, whose only pin has the number 1."""

LONGEST_LINE = 64
"""Bytes of a command on the control socket."""

Deliver = Callable[[Message], object]


class InputControlError(OSError):
    """A mock input could not be switched; the text tells why."""


def default_factory() -> Factory:
    """What gpiozero takes here: real pins, or mock pins with GPIOZERO_PIN_FACTORY=mock.

    Raises gpiozero's `BadPinFactory` where there are none.
    """
    if os.environ.get("GPIOZERO_PIN_FACTORY") == "mock":
        return MockFactory()
    Device.ensure_pin_factory()
    return Device.pin_factory


class GpioLink:
    """An `InputLink` on gpiozero; active is high (DI-1).

    With mock pins, and only then, `control` is the path of a unix socket (0600) that takes the lines `1 on`
    and `1 off` (numbers are those of the configuration's channels, from 1) and answers `ok` or `error: …`.
    `switch_input` speaks it. The pins of `high` are held high while a session lasts, for contacts between two
    lines. After a failure a `guest` leaves the factory, which it shares with another, as it is.
    """

    def __init__(
        self,
        control: Path | None = None,
        factory: Callable[[], Factory] = default_factory,
        *,
        high: Sequence[int] = (),
        guest: bool = False,
    ) -> None:
        self._control = control
        self._make_factory = factory
        self.high = tuple(high)
        self._guest = guest
        self._factory: Factory | None = None
        self.switched_on: dict[int, bool] = {}
        """Mock pins that were switched on: opening a mock pin resets it, a real contact stays as it is."""
        self._lock = threading.Lock()
        self._session: _Session | None = None

    def open(self, session: SessionKey, pins: Mapping[int, int], deliver: Deliver) -> None:
        """See `InputLink.open`; everything happens on a thread of the session."""
        with self._lock:
            before = self._session
            if before is not None:
                before.stop()
            self._session = _Session(self, session, dict(pins), deliver, before)

    def close(self) -> None:
        """See `InputLink.close`."""
        with self._lock:
            if self._session is not None:
                self._session.stop()

    def join(self, timeout: Seconds = 5.0) -> None:
        """Wait until the pins are let go of; for the composition root, after `close`."""
        session = self._session
        if session is not None:
            session.thread.join(timeout)

    def factory(self) -> Factory:
        """The pin factory, kept while it works. Raises what gpiozero raises; called on a session's thread."""
        if self._factory is None:
            self._factory = self._make_factory()
        return self._factory

    def forget_factory(self) -> None:
        """After a failure: the next session asks for a new one, a board may be back under another handle."""
        factory, self._factory = self._factory, None
        if factory is not None and not self._guest:
            if Device.pin_factory is factory:
                Device.pin_factory = None
            with contextlib.suppress(Exception):
                factory.close()

    @property
    def control(self) -> Path | None:
        """Where mock pins are switched from."""
        return self._control


class _Session:
    """One thread that holds the pins from `open` to `close`."""

    def __init__(
        self,
        link: GpioLink,
        key: SessionKey,
        pins: dict[int, int],
        deliver: Deliver,
        before: _Session | None,
    ) -> None:
        self._link = link
        self._key = key
        self._pins = pins
        self._deliver = deliver
        self._before = before
        self._stopped = threading.Event()
        self._devices: dict[int, DigitalInputDevice] = {}
        self.thread = threading.Thread(target=self._run, name="gpio", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """End within a look; thread-safe, any number of times."""
        self._stopped.set()

    def _run(self) -> None:
        before, self._before = self._before, None
        if before is not None:
            before.thread.join()
        with contextlib.ExitStack() as stack:
            try:
                self._watch(stack)
            except Exception as error:  # gpiozero, its drivers and the kernel have many kinds
                self._link.forget_factory()
                if not self._stopped.is_set():
                    self._stopped.set()
                    self._deliver(PinsLost(self._key, f"{type(error).__name__}: {error}"))

    def _watch(self, stack: contextlib.ExitStack) -> None:
        factory = self._link.factory()
        for pin in self._link.high:
            stack.callback(DigitalOutputDevice(pin, initial_value=True, pin_factory=factory).close)
        for pin in dict.fromkeys(self._pins.values()):
            device = DigitalInputDevice(pin, pull_up=False, pin_factory=factory)
            stack.callback(device.close)
            self._devices[pin] = device
            if self._link.switched_on.get(pin, False):
                device.pin.drive_high()
            device.when_activated = self._edge(pin, True)
            device.when_deactivated = self._edge(pin, False)
        selector = stack.enter_context(selectors.DefaultSelector())
        if self._link.control is not None and isinstance(factory, MockFactory):
            try:
                listener = stack.enter_context(_listen(self._link.control))
            except OSError as error:
                # A switch for drills is missing; the inputs themselves work.
                logger.warning("mock inputs can't be switched: %s", error)
            else:
                stack.callback(self._link.control.unlink, missing_ok=True)
                selector.register(listener, selectors.EVENT_READ, listener)
        while not self._stopped.is_set():
            levels = {pin: bool(device.value) for pin, device in self._devices.items()}
            self._deliver(PinsSeen(self._key, levels))
            for ready, _ in selector.select(LOOK_EVERY):
                if isinstance(ready.data, socket.socket):
                    self._serve(ready.data)

    def _edge(self, pin: int, level: bool) -> Callable[[], None]:
        """What gpiozero calls back on its driver's thread: only tell."""

        def tell() -> None:
            if not self._stopped.is_set():
                self._deliver(PinsSeen(self._key, {pin: level}))

        return tell

    def _serve(self, listener: socket.socket) -> None:
        """One command of one caller; a caller that dawdles is dropped."""
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.settimeout(0.2)
            line = connection.recv(LONGEST_LINE).decode("ascii", "replace")
            connection.sendall(f"{self._command(line)}\n".encode())

    def _command(self, line: str) -> str:
        match line.split():
            case [number, "on" | "off" as state] if number.isascii() and number.isdecimal():
                if int(number) not in self._pins:
                    return f"error: no input {number} is enabled, only {', '.join(map(str, self._pins))}"
                pin = self._pins[int(number)]
                self._link.switched_on[pin] = state == "on"
                mock = self._devices[pin].pin
                if state == "on":
                    mock.drive_high()
                else:
                    mock.drive_low()
                return "ok"
        return "error: say the input's number and on or off, as in: 1 on"


def _listen(path: Path) -> socket.socket:
    """A listening socket that only this user can speak to; what an earlier process left is removed."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # Before bind, so that there is no moment at which others could connect (Linux).
        os.fchmod(listener.fileno(), stat.S_IRUSR | stat.S_IWUSR)
        listener.bind(str(path))
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)
        listener.listen()
        listener.setblocking(True)
    except OSError as error:
        listener.close()
        raise OSError(f"the control socket {path} can't be made: {error}") from error
    return listener


def switch_input(control: Path, number: int, on: bool, timeout: Seconds = 2.0) -> None:
    """Switch the mock pin of input `number` (from 1) of the daemon whose data folder holds `control`.

    Raises `InputControlError` when no daemon with mock pins listens there or when it refuses.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            connection.connect(str(control))
            connection.sendall(f"{number} {'on' if on else 'off'}\n".encode())
            answer = connection.recv(256).decode("utf-8", "replace").strip()
    except OSError as error:
        raise InputControlError(f"no daemon with mock inputs listens at {control}: {error}") from error
    if answer != "ok":
        raise InputControlError(answer.removeprefix("error: ") or "the daemon gave no answer")
