"""The uplinks' messages know their lanes."""

from actors.messages import StationSaid, StationShownToCpo
from actors.messages.base import Lane
from evce.cpo.told import StationTold


def test_meter_values_may_be_shed_and_nothing_else() -> None:
    """CPO-3: samples of different contexts don't replace each other."""

    def sample(context: str) -> StationSaid:
        values = [{"sampledValue": [{"value": "1", "context": context}]}]
        return StationSaid("MeterValues", {"connectorId": 1, "transactionId": 7, "meterValue": values})

    assert sample("Trigger").lane is Lane.SAMPLE
    assert sample("Trigger").coalesce_key == sample("Trigger").coalesce_key
    assert sample("Trigger").coalesce_key != sample("Transaction.End").coalesce_key
    status = StationSaid("StatusNotification", {"connectorId": 1})
    assert (status.lane, status.coalesce_key) == (Lane.EVENT, None)


def test_of_the_whole_picture_only_the_newest_counts() -> None:
    one, other = StationShownToCpo(StationTold(True)), StationShownToCpo(StationTold(False))
    assert (one.lane, one.coalesce_key) == (Lane.SAMPLE, other.coalesce_key)
