"""Keeps a station's card list and cache in step with the cards: begun by people, kept up by EVCE."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from evce.records import CardRecord
from evce.station_control.action_state import Action, ActionState
from evce.station_control.action_words import Saying, Words
from evce.station_control.actions import Actions
from evce.station_control.calls import Order
from evce.station_control.capabilities import Capabilities
from evce.station_control.card_lists import CardList, chosen_cards, list_messages
from evce.station_control.effects import AskCards
from evce.station_control.state import Learn, State

__all__ = ["CardSending"]

_AUTHOR = "EVCE"
_CLEARS = "clear cache"


@dataclass(slots=True)
class _Sending:
    """One list on its way: `parts` of which `sent` were accepted; `tags` is what the station has then."""

    version: int
    tags: frozenset[str] = frozenset()
    of: int = 0
    parts: list[Mapping[str, Any]] = field(default_factory=list)
    sent: int = 0
    retried: bool = False


class CardSending:
    """Pure; a part of `StationControl`. `kept` is the list as the station was last told, None before that."""

    def __init__(self, state: State, actions: Actions) -> None:
        self._state = state
        self._actions = actions
        self._on_its_way: dict[str, _Sending] = {}
        self._number = 0
        self.kept: CardList | None = None
        self.stale = False
        """Cards have changed since the station's list was sent."""
        self.withdrawn = False
        """One of them may charge less than before: what the station's cache holds of it is wrong."""

    def cards_changed(self, *, withdrawn: bool) -> None:
        """A card was added, changed or removed; the station hears of it as soon as it can."""
        self.stale = True
        self.withdrawn |= withdrawn
        self.catch_up()

    def catch_up(self) -> None:
        """Empty the cache that may hold a card that is good no more, and send what changed of the list."""
        state = self._state
        if not self.stale or state.capabilities is None or not state.connected or self._on_its_way:
            return
        self.stale, withdrawn, self.withdrawn = False, self.withdrawn, False
        if withdrawn and state.capabilities.flag("AuthorizationCacheEnabled"):
            state.call("ClearCache", {}, Order.LATER, Learn(_CLEARS), _CLEARS)
        if self.kept is not None:
            self._number += 1
            self._actions.ask(f"{state.prefix}-cards-{self._number}", "card-list", {}, _AUTHOR)

    def answered(self, action: Action, payload: Mapping[str, Any]) -> None:
        """An answer to one of the calls of a `card-list` action."""
        sending = self._on_its_way.get(action.id)
        if sending is None:
            self._version_told(action, int(payload["listVersion"]))
        else:
            self._part_answered(action, sending, str(payload["status"]))

    def cards_found(self, request: str, cards: Iterable[CardRecord]) -> None:
        """Answer to `AskCards`."""
        action, sending = self._actions.of(request), self._on_its_way.get(request)
        if action is None or sending is None:
            return
        tags, sending.of = chosen_cards(cards, self._state.station.zone, self._capabilities)
        sending.tags = frozenset(tags)
        known = None if action.given.get("full") else self.kept
        sending.parts = list_messages(tags, known, sending.version, self._capabilities)
        if not sending.parts:
            words = Words(Saying.LIST_NOT_NEEDED, {"version": sending.version})
            self._end(action, ActionState.DONE, words)
            return
        self._next(action, sending)

    def review(self) -> None:
        """Forget the lists whose action has ended otherwise: the connection was lost, or nobody answered."""
        if not self._on_its_way and not self.stale:
            return
        for request in [r for r in self._on_its_way if self._actions.of(r) is None]:
            del self._on_its_way[request]
            # Half of it may have arrived. A station that doesn't answer is asked with the next change.
            self.kept = None if self.kept is None else CardList(-1)
            self.stale = self.kept is not None and not self._state.connected
        self.catch_up()

    @property
    def _capabilities(self) -> Capabilities:
        return self._state.capabilities or Capabilities()

    def _version_told(self, action: Action, version: int) -> None:
        """OCPP 1.6 §5.10: 0 is an empty list, -1 a station that keeps none."""
        if version < 0:
            words = Words(Saying.LIST_FAILED, {"status": "listVersion -1"})
            self._actions.end(action, ActionState.NOT_SUPPORTED, words)
            return
        self._on_its_way[action.id] = _Sending(version)
        self._actions.step(action, Saying.LIST_ASKED, within=30.0)
        self._state.do(AskCards(action.id))

    def _part_answered(self, action: Action, sending: _Sending, status: str) -> None:
        if status == "Accepted":
            sending.sent += 1
            if sending.sent < len(sending.parts):
                self._next(action, sending)
                return
            version = int(sending.parts[-1]["listVersion"])
            self.kept = CardList(version, sending.tags)
            values = {"count": len(sending.tags), "of": sending.of, "version": version}
            self._end(action, ActionState.DONE, Words(Saying.LIST_KEPT, values))
        elif status == "VersionMismatch" and not sending.retried:
            # Somebody else has sent it a list: begin anew.
            self.kept = None
            sending.retried = True
            sending.sent = 0
            tags, version = sorted(sending.tags), int(sending.parts[-1]["listVersion"])
            sending.parts = list_messages(tags, None, version, self._capabilities)
            self._next(action, sending)
        else:
            state = ActionState.NOT_SUPPORTED if status == "NotSupported" else ActionState.FAILED
            self.kept = None
            self._end(action, state, Words(Saying.LIST_FAILED, {"status": status}))

    def _next(self, action: Action, sending: _Sending) -> None:
        values = {"part": sending.sent + 1, "parts": len(sending.parts)}
        action = self._actions.step(action, Words(Saying.LIST_SENDING, values), within=60.0)
        self._actions.call_next(action, "SendLocalList", sending.parts[sending.sent])

    def _end(self, action: Action, state: ActionState, words: Words) -> None:
        self._on_its_way.pop(action.id, None)
        self._actions.end(action, state, words)
        self.catch_up()
