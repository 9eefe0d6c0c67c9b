"""The servers that the daemon is compared to."""

import asyncio
import json
from collections.abc import Callable

import pytest

from tests.tools.benchmarks.peer import Peer, listening
from tools.benchmarks.light_station import LightStation
from tools.benchmarks.rivals import RIVALS


@pytest.mark.parametrize("kind", sorted(RIVALS))
def test_a_rival_answers_meter_values(kind: str, patience: Callable[[float], float]) -> None:
    """OC-5: the same work in its answer, whoever gives it."""

    async def run() -> None:
        async with asyncio.timeout(patience(20)), listening(Peer(), RIVALS[kind]) as peer:
            station = LightStation("A", 32.0)
            await station.connect("127.0.0.1", peer.port)
            await station.report()
            station.close()

    asyncio.run(run())


def test_the_package_checks_what_it_is_told(patience: Callable[[float], float]) -> None:
    """OC-6: its defaults include the validation of each frame."""

    async def run() -> None:
        async with asyncio.timeout(patience(20)), listening(Peer(), RIVALS["ocpp"]) as peer:
            station = LightStation("A", 32.0)
            await station.connect("127.0.0.1", peer.port)
            with pytest.raises(ConnectionError, match=json.dumps("connectorId").strip('"')):
                await station.ask("MeterValues", {"connectorId": "one", "meterValue": []})
            station.close()

    asyncio.run(run())
