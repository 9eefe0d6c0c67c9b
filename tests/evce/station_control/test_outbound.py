"""Our CALLs and their answers."""

from tests.evce.station_control.bench import SILENCE, Bench


def test_an_answer_to_nothing_is_discarded_and_logged() -> None:
    """OC-1."""
    bench = Bench()
    bench.connect()
    before = bench.facts
    bench.control.call_answered(1, "x", {"status": "Accepted"}, bench.moment)
    bench.control.call_refused(1, "y", "InternalError", "", bench.moment)
    bench.carry_out()
    assert bench.facts == before
    assert sum("answer to nothing" in log.message for log in bench.logs) == 2


def test_a_late_answer_is_logged_and_discarded() -> None:
    """OC-1."""
    bench = Bench(answers={"GetDiagnostics": SILENCE})
    bench.connect()
    bench.act("diagnostics", location="ftp://192.0.2.1/")
    bench.wait(10.5)
    bench.answer_held(0, {})
    assert any("too late" in log.message for log in bench.logs)


def test_a_command_on_a_lost_connection_is_told_to_have_failed() -> None:
    """OC-3."""
    bench = Bench(answers={"UnlockConnector": SILENCE})
    bench.connect()
    bench.act("unlock", connector=1)
    bench.disconnect()
    assert any(log.author == "ada" and "connection was lost" in log.message for log in bench.logs)
