"""The simulated operator's book of charging sessions: appended to a file, read again after a kill."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Book", "BookedTransaction"]


@dataclass(slots=True)
class BookedTransaction:
    """One transaction as the operator was told. Energy in Wh, times as the station wrote them."""

    transaction: int
    station: str
    connector: int
    id_tag: str
    meter_start: int
    started: str
    meter_stop: int | None = None
    stopped: str | None = None
    reason: str | None = None
    samples: int = 0


class Book:
    """Each entry is on the disk before it is answered.

    An identical repetition of a message is answered as the first time and counted in `repeats`; whatever
    doesn't fit what is in the book is a line in `faults`.
    """

    def __init__(self, path: Path) -> None:
        self.transactions: dict[int, BookedTransaction] = {}
        self.order: list[tuple[str, str, int]] = []
        """Every first telling: station, start or stop, and the transaction."""
        self.repeats = 0
        self.faults: list[str] = []
        self._next = 1001
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                if line.endswith("}"):  # a kill may have cut the last line
                    self._enter(json.loads(line))
        self._file = path.open("a", encoding="utf-8")

    def close(self) -> None:
        """Close the file; everything is in it already."""
        self._file.close()

    def start(self, station: str, payload: dict[str, Any]) -> int:
        """A StartTransaction; returns the operator's own id for it."""
        told = (payload["connectorId"], payload["idTag"], payload["meterStart"], payload["timestamp"])
        for known in self.transactions.values():
            if known.station == station and told == (
                known.connector,
                known.id_tag,
                known.meter_start,
                known.started,
            ):
                self.repeats += 1
                return known.transaction
        transaction = self._next
        self._keep({"event": "start", "station": station, "transaction": transaction, "told": payload})
        return transaction

    def stop(self, station: str, payload: dict[str, Any]) -> None:
        """A StopTransaction."""
        known = self.transactions.get(payload["transactionId"])
        if known is None or known.station != station:
            self.faults.append(f"{station} stops {payload['transactionId']}, which it never started")
        elif known.stopped is None:
            event = {"event": "stop", "station": station, "told": payload}
            self._keep({**event, "transaction": known.transaction})
        elif (known.meter_stop, known.stopped) == (payload["meterStop"], payload["timestamp"]):
            self.repeats += 1
        else:
            self.faults.append(f"{station} stops {known.transaction} twice and differently")

    def sample(self, station: str, payload: dict[str, Any]) -> None:
        """MeterValues; only counted."""
        transaction = payload.get("transactionId")
        if transaction is None:
            return
        known = self.transactions.get(transaction)
        if known is None or known.station != station:
            self.faults.append(f"{station} measures {transaction}, which it never started")
        else:
            known.samples += 1

    def _keep(self, entry: dict[str, Any]) -> None:
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._enter(entry)

    def _enter(self, entry: dict[str, Any]) -> None:
        told, transaction = entry["told"], int(entry["transaction"])
        self.order.append((entry["station"], entry["event"], transaction))
        if entry["event"] == "start":
            self._next = max(self._next, transaction + 1)
            self.transactions[transaction] = BookedTransaction(
                transaction,
                entry["station"],
                told["connectorId"],
                told["idTag"],
                told["meterStart"],
                told["timestamp"],
            )
        else:
            known = self.transactions[transaction]
            known.meter_stop, known.stopped = told["meterStop"], told["timestamp"]
            known.reason = told.get("reason")
