"""Passwords at the door: what they open, what is told of it, and who has to wait."""

import base64

import pytest
from websockets.exceptions import InvalidStatus

from actors.gateway_protocol import StationAccess
from actors.messages import AlarmCleared, AlarmRaised, RecordEvent, StationAuthenticated
from evce.security.keys import hash_key
from evce.security.profiles import SecurityProfile
from evce.units import BoxIdentity
from tests.actors.wire import Wire, run

CP = BoxIdentity("CP-01")
KEY, NEW = bytes(range(20)), bytes(range(20, 40))
HASHES = (hash_key(KEY, b"s" * 16), hash_key(NEW, b"t" * 16))
NONE, PASSWORD, *_ = SecurityProfile
GUARDED = StationAccess(CP, HASHES[:1], needed=PASSWORD, reached=PASSWORD)


def header(user: str, key: bytes) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(user.encode() + b":" + key).decode()}


async def status(wire: Wire, headers: dict[str, str], identity: str = "CP-01") -> int:
    try:
        async with wire.client(identity, additional_headers=headers):
            return 101
    except InvalidStatus as refusal:
        return refusal.response.status_code


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (header("CP-01", KEY), 101),
        (header("CP-01", KEY.hex().encode()), 101),
        (header("CP-01", NEW), 401),
        (header("CP-02", KEY), 401),
        ({}, 401),
    ],
)
def test_a_station_with_a_key_must_bring_it(headers: dict[str, str], expected: int) -> None:
    """OC-7, TC_085."""
    with Wire(GUARDED) as wire:
        assert run(status(wire, headers)) == expected


def test_what_is_news_is_told_to_who_keeps_the_keys() -> None:
    """OC-7: a profile higher than before, and another key than the last time; nothing else."""
    cases = [
        (StationAccess(CP, HASHES[:1]), KEY, StationAuthenticated(CP, PASSWORD, HASHES[0])),
        (StationAccess(CP, HASHES, PASSWORD, PASSWORD), NEW, StationAuthenticated(CP, PASSWORD, HASHES[1])),
        (StationAccess(CP, HASHES, PASSWORD, PASSWORD), KEY, None),
        (StationAccess(CP, HASHES), None, None),
    ]
    for access, key, expected in cases:
        with Wire(access) as wire:
            headers = {} if key is None else header("CP-01", key)
            assert run(status(wire, headers)) == 101
            told = [message for name, message in list(wire.post.queue) if name == "security"]
            assert told == ([] if expected is None else [expected])


def test_a_refusal_is_an_alarm_and_a_line_of_the_log_until_the_station_comes() -> None:
    """OC-7: one line for the same reason however often it knocks."""

    async def talk(wire: Wire) -> None:
        for _ in range(3):
            assert await status(wire, {}) == 401
        alarm = (await wire.anext(AlarmRaised)).alarm
        assert (alarm.code, alarm.source) == ("station_refused", "CP-01")
        assert "its password is missing" in alarm.message
        lines = [m for _, m in list(wire.post.queue) if isinstance(m, RecordEvent)]
        assert [(line.device, line.type) for line in lines] == [("CP-01", "security")]
        assert KEY.hex() not in alarm.message + lines[0].message
        assert await status(wire, header("CP-01", KEY)) == 101

    with Wire(GUARDED) as wire:
        run(talk(wire))
        cleared = [m for _, m in list(wire.post.queue) if isinstance(m, AlarmCleared)]
        assert [message.code for message in cleared] == ["station_refused"]


def test_a_source_that_guesses_keys_has_to_wait() -> None:
    """OC-7, US-3: also with the right key then; without a password it is only refused."""

    async def talk(wire: Wire) -> list[int]:
        return [await status(wire, header("CP-01", key)) for key in [NEW] * 6 + [KEY]]

    with Wire(GUARDED) as wire:
        assert run(talk(wire)) == [401] * 6 + [429]


def test_an_address_that_tries_every_identity_has_to_wait() -> None:
    """OC-7: 30 wrong keys in a minute, whatever the identity."""
    stations = [StationAccess(BoxIdentity(f"CP-{n}"), HASHES[:1], PASSWORD, PASSWORD) for n in range(6)]

    async def talk(wire: Wire) -> None:
        for access in stations:
            for _ in range(5):
                assert await status(wire, header(access.station, NEW), access.station) == 401
        assert await status(wire, header("CP-0", KEY), "CP-0") == 429

    with Wire(*stations) as wire:
        run(talk(wire))
