"""Beginnings and ends of transactions in the order of the wire."""

from tests.tools.simulation.scripted import Central, Dialogue, car, station


def test_a_stop_waits_for_the_id_that_the_start_brings() -> None:
    """OC-6: a session that ended before its start was answered."""
    central = Central()
    central.answers["StartTransaction"] = None
    talk = Dialogue(station(), central).connect().charging()
    talk.station.unplug(1, talk.now)
    talk.run(1.0)
    assert not central.seen("StopTransaction")
    talk.disconnect()
    del central.answers["StartTransaction"]
    talk.connect()
    first, second = central.seen("StartTransaction")
    assert first == second
    assert central.seen("StopTransaction")[0]["transactionId"] == 100


def test_a_start_that_is_given_up_stops_with_minus_one() -> None:
    """OC-6: seen in the field (errata 3.18)."""
    central = Central()
    central.answers["StartTransaction"] = ("InternalError", "never")
    talk = Dialogue(station(), central).connect()
    talk.station.keys.change("TransactionMessageAttempts", "1")
    talk.charging().station.unplug(1, talk.now)
    talk.run(1.0)
    assert central.seen("StopTransaction")[0]["transactionId"] == -1


def test_a_remote_start_may_be_asked_about() -> None:
    """AU-1: AuthorizeRemoteTxRequests."""
    talk = Dialogue(station()).connect()
    talk.station.keys.change("AuthorizeRemoteTxRequests", "true")
    talk.station.plug(1, car(), None, talk.now)
    talk.ask("RemoteStartTransaction", {"idTag": "APP"})
    assert talk.central.seen("Authorize") == [{"idTag": "APP"}]
    talk.run(1.0)
    assert talk.central.seen("StartTransaction")[0]["idTag"] == "APP"
