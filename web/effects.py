"""What a change of the configuration does, told before it is put in force."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evce.configuration.document import SiteDocument
from evce.configuration.hints import Hint, hints
from evce.configuration.proven import proof_of
from evce.configuration.sections import OcppSettings
from evce.degraded import degraded_currents
from evce.proof import ZoneProof, advice, zone_sentence
from evce.units import BoxIdentity, ZoneId
from evce.views import SiteSnapshot
from web.formatting import amps
from web.labels import in_words, label_of, path_words
from web.languages import gettext, ngettext
from web.sentences import told

__all__ = ["Effect", "effects", "hint_words", "proof_words", "sums_of", "unproven"]

_NAMED = 6


@dataclass(frozen=True, slots=True)
class Effect:
    """One sentence about what will be; `kind` as of the notes: success, info, warning, danger."""

    kind: str
    text: str


def effects(before: SiteDocument, after: SiteDocument, snapshot: SiteSnapshot) -> tuple[Effect, ...]:
    """Everything to know before the change, the gravest first."""
    found = [
        *_removed_stations(before, after, snapshot),
        *_proofs(before, after),
        *_lowered_limits(before, after, snapshot),
        *_switched_off(after, before),
        *_restarts(before, after),
        *_authentication(before, after),
        *_degraded(before, after),
        *_new_hints(before, after),
    ]
    order = ("danger", "warning", "info", "success")
    return tuple(sorted(found, key=lambda effect: order.index(effect.kind)))


def sums_of(document: SiteDocument) -> tuple[Effect, ...]:
    """What the feeders below each zone add up to; more than it carries is allowed, and shared."""
    found = []
    for zone in document.zones:
        below = [child.maximum_a for child in document.zones if child.parent == zone.id]
        if below:
            text = gettext(
                "Below “%(name)s”: %(sum)s A in sub-zones, of %(maximum)s A that it carries.",
                name=zone.name,
                sum=amps(sum(below)),
                maximum=amps(zone.maximum_a),
            )
            found.append(Effect("info", text))
    return tuple(found)


def unproven(document: SiteDocument) -> tuple[str, ...]:
    """The fuses that need not hold once communication is lost, each with what to do about it."""
    model = document.model()
    return tuple(
        f"{document.zone(ZoneId(zone.zone)).name}: {proof_words(zone, document)}. "
        f"{in_words(told(advice(max(zone.failures, key=lambda case: case.over), model)))}"
        for zone in proof_of(document).zones
        if zone.failures
    )


def proof_words(proof: ZoneProof, document: SiteDocument) -> str:
    """What is shown of a zone's fuse, as the rest of a sentence that begins with its name."""
    if proof.undeclared and not proof.failures:
        names = ", ".join(f"“{document.zone(zone).name}”" for zone in proof.undeclared)
        label = label_of("zones[].building_maximum_a")
        return gettext(
            "need not hold: “%(label)s” is not filled in at %(zones)s, so nobody can tell",
            label=label,
            zones=names,
        )
    return in_words(told(zone_sentence(proof)))


def hint_words(hint: Hint, document: SiteDocument) -> str:
    """What is rarely meant, with the names that people gave."""
    names: dict[str, str] = {zone.id: zone.name for zone in document.zones}
    names |= {meter.id: meter.name for meter in document.meters}
    names |= {station.box_identity: station.name for station in document.stations}
    return f"{path_words(hint.field, names)}: {in_words(told(hint.text))}"


def _removed_stations(before: SiteDocument, after: SiteDocument, snapshot: SiteSnapshot) -> Iterator[Effect]:
    staying = {station.box_identity for station in after.stations}
    for station in before.stations:
        if station.box_identity in staying:
            continue
        view = snapshot.stations.get(BoxIdentity(station.box_identity))
        running = view is not None and any(c.transaction is not None for c in view.connectors)
        if running:
            yield Effect(
                "danger",
                gettext(
                    "A car charges at “%(name)s” now. The station is hung up on and no longer told what it "
                    "may draw: stop the session first.",
                    name=station.name,
                ),
            )
        else:
            text = gettext("“%(name)s” is hung up on and may no longer connect.", name=station.name)
            yield Effect("warning", text)


def _proofs(before: SiteDocument, after: SiteDocument) -> Iterator[Effect]:
    old = {proof.zone: proof for proof in proof_of(before).zones}
    for proof in proof_of(after).zones:
        known = old.get(proof.zone)
        if _standing(known) == _standing(proof):
            continue
        name = after.zone(ZoneId(proof.zone)).name
        kind = {"fails": "danger", "open": "info"}.get(_standing(proof), "success")
        yield Effect(
            kind,
            gettext(
                "Whatever communication is lost, “%(name)s” %(proof)s",
                name=name,
                proof=proof_words(proof, after),
            )
            + ".",
        )


def _standing(proof: ZoneProof | None) -> str:
    if proof is None:
        return "new"
    return "fails" if proof.failures else "open" if proof.undeclared else "holds"


def _lowered_limits(before: SiteDocument, after: SiteDocument, snapshot: SiteSnapshot) -> Iterator[Effect]:
    old = {zone.id: zone for zone in before.zones}
    for zone in after.zones:
        known, view = old.get(zone.id), snapshot.zones.get(ZoneId(zone.id))
        if known is None or view is None or zone.maximum_a >= known.maximum_a:
            continue
        drawn = max(view.pledged)
        if drawn > zone.maximum_a:
            yield Effect(
                "warning",
                gettext(
                    "Vehicles in “%(name)s” may draw up to %(drawn)s A now: they are reduced to "
                    "%(maximum)s A at once.",
                    name=zone.name,
                    drawn=amps(drawn),
                    maximum=amps(zone.maximum_a),
                ),
            )


def _switched_off(after: SiteDocument, before: SiteDocument) -> Iterator[Effect]:
    """What may suspend all charging (DI-1: 0 % asks for confirmation)."""
    old = {channel.name: channel for channel in before.inputs.channels}
    for channel in after.inputs.channels if after.inputs.enabled else ():
        known = old.get(channel.name)
        if channel.enabled and channel.percent == 0 and (known != channel or not before.inputs.enabled):
            text = gettext(
                "While the input “%(name)s” is active, all charging is suspended.", name=channel.name
            )
            yield Effect("warning", text)
    were = {period.name: period for period in before.tariff.periods}
    for period in after.tariff.periods if after.tariff.enabled else ():
        changed = were.get(period.name) != period or not before.tariff.enabled
        if period.enabled and period.percent == 0 and changed:
            text = gettext("In the period “%(name)s” all charging is suspended.", name=period.name)
            yield Effect("warning", text)
    for name in were:
        if all(period.name != name for period in after.tariff.periods):
            text = gettext(
                "Energy already recorded in “%(name)s” is shown as NoPeriod from now on.", name=name
            )
            yield Effect("info", text)


def _restarts(before: SiteDocument, after: SiteDocument) -> Iterator[Effect]:
    moved = _listening(before.ocpp) != _listening(after.ocpp)
    if moved or before.web != after.web:
        yield Effect(
            "warning",
            gettext("Addresses and ports are listened on from the next start of the EVCE service on."),
        )


def _listening(ocpp: OcppSettings) -> tuple[object, ...]:
    """What the stations' door is opened with at the start."""
    files = (ocpp.tls_certificate_file, ocpp.tls_key_file, ocpp.tls_client_ca_file)
    return ocpp.host, ocpp.port, ocpp.tls_port, ocpp.tls_names, ocpp.opens_plain_port, *files


def _authentication(before: SiteDocument, after: SiteDocument) -> Iterator[Effect]:
    old = {station.box_identity for station in before.stations}
    count = sum(
        before.authentication_of(identity) != after.authentication_of(identity)
        or before.offline_of(identity) != after.offline_of(identity)
        for identity in (BoxIdentity(station.box_identity) for station in after.stations)
        if identity in old
    )
    if count:
        yield Effect(
            "info",
            ngettext(
                "One station gets another answer to who may charge.",
                "%(num)d stations get another answer to who may charge.",
                count,
            ),
        )


def _degraded(before: SiteDocument, after: SiteDocument) -> Iterator[Effect]:
    old, new = _fallbacks(before), _fallbacks(after)
    moved = [key for key in new if key in old and old[key] != new[key]]
    if moved:
        named = ", ".join(f"{key} {amps(old[key])} → {amps(new[key])} A" for key in moved[:_NAMED])
        rest = len(moved) - _NAMED
        more = " " + gettext("and %(count)d more", count=rest) if rest > 0 else ""
        yield Effect(
            "info",
            gettext("While a station is lost it falls to another current: %(named)s", named=named) + more,
        )


def _fallbacks(document: SiteDocument) -> Mapping[str, float]:
    currents = degraded_currents(document.model(), document.load_shedding.floor_standard)
    return {str(key): current for key, current in currents.items()}


def _new_hints(before: SiteDocument, after: SiteDocument) -> Iterator[Effect]:
    known = {str(hint) for hint in hints(before)}
    for hint in hints(after):
        if str(hint) not in known:
            yield Effect("info", hint_words(hint, after))
