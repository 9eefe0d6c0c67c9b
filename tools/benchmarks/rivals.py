"""The servers that the daemon is compared to: the `ocpp` package's own, and bare websockets with JSON."""

import asyncio
import json
import signal
import sys

from ocpp.routing import on  # type: ignore[import-untyped]
from ocpp.v16 import ChargePoint, call_result  # type: ignore[import-untyped]
from ocpp.v16.enums import Action  # type: ignore[import-untyped]
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

__all__ = ["RIVALS", "MinimalCentralSystem", "bare", "ocpp_package", "run_rival"]


class MinimalCentralSystem(ChargePoint):  # type: ignore[misc]  # its base class has no types
    """A station's peer as the package's documentation shows it, with all its defaults."""

    @on(Action.meter_values)  # type: ignore[untyped-decorator]
    def on_meter_values(self, **_: object) -> call_result.MeterValues:
        """Answer, and do nothing with what was measured."""
        return call_result.MeterValues()


async def ocpp_package(connection: ServerConnection) -> None:
    """Serve one station with the `ocpp` package."""
    path = "" if connection.request is None else connection.request.path
    try:
        await MinimalCentralSystem(path.rpartition("/")[2], connection).start()
    except ConnectionClosed:
        return


async def bare(connection: ServerConnection) -> None:
    """Answer every CALL with an empty CALLRESULT: read, parse, write, nothing else."""
    async for text in connection:
        _, message_id, _, _ = json.loads(text)
        await connection.send(json.dumps([3, message_id, {}]))


RIVALS = {"ocpp": ocpp_package, "bare": bare}


async def run_rival(kind: str) -> None:
    """Serve on a free port of 127.0.0.1 until SIGTERM; prints the address first."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with serve(RIVALS[kind], "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp1.6")]) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        print(f"ws://127.0.0.1:{port}/", flush=True)
        await ended.wait()


if __name__ == "__main__":
    asyncio.run(run_rival(sys.argv[1]))
