"""The passwords toward the operator: changed by it, and nobody is ever locked out."""

from dataclasses import replace

import pytest

from evce.cpo.secrets import UplinkSecrets
from tests.evce.cpo.bench import Bench

OLD, NEW, NEWEST = b"old key of twenty!!!", b"new key of twenty!!!", b"newest of the keys!!"


def opened_with(*keys: bytes, file: bool = False) -> UplinkSecrets:
    made = UplinkSecrets(file=file)
    for key in keys:
        made.give(key)
        made.worked()
    return made


def test_the_new_key_comes_first_and_voids_the_old_once_it_has_opened() -> None:
    """CPO-1: OC-7's key rotation, toward the operator."""
    made = opened_with(OLD)
    assert made.noted(NEW) == {"keys": [NEW.hex(), OLD.hex()]}
    made.give(NEW)
    assert made.current == NEW
    assert made.worked() == {"keys": [NEW.hex()]}
    made.refused()
    assert made.current == NEW, "the old one is void"
    assert made.worked() is None


def test_an_operator_that_never_heard_the_answer_is_shown_the_old_one() -> None:
    """CPO-1"""
    made = opened_with(OLD)
    made.give(NEW)
    made.refused()
    assert made.current == OLD
    assert made.worked() == {"keys": [OLD.hex()]}
    assert made.current == OLD


@pytest.mark.parametrize("file", [True, False])
def test_only_an_admin_s_password_stands_behind_the_keys(file: bool) -> None:
    made = opened_with(OLD, file=file)
    made.refused()
    assert made.current == (None if file else OLD)
    made.refused()
    assert made.current == OLD
    assert UplinkSecrets(file=file).current is None


def test_keys_given_in_a_row_keep_the_one_that_opens() -> None:
    made = opened_with(OLD)
    made.give(NEW)
    made.refused()
    made.give(NEWEST)
    made.refused()
    assert made.current == OLD


def test_what_was_kept_is_tried_again_after_a_restart() -> None:
    made = UplinkSecrets(file=False)
    made.restore({"keys": [NEW.hex(), "no key", OLD.hex()]})
    assert made.current == NEW
    made.refused()
    assert made.current == OLD


def set_key(bench: Bench, value: str) -> object:
    return bench.command("ChangeConfiguration", key="AuthorizationKey", value=value)


def test_the_operator_sets_a_key_and_is_called_with_it() -> None:
    """CPO-1, CPO-2: accepted once it is on disk, and in no log."""
    bench = Bench()
    assert set_key(bench, NEW.hex()) == {"status": "Accepted"}
    assert bench.notes["secret", ""] == {"keys": [NEW.hex()]}
    bench.wait(1.0)
    assert bench.keys[-1] == NEW
    assert bench.control.view().state == "online"
    assert not any(NEW.hex() in log.message for log in bench.logs)


@pytest.mark.parametrize("value", ["", "short", "zz" * 20, "00" * 15, "00" * 21])
def test_what_is_no_key_is_rejected(value: str) -> None:
    """CPO-2"""
    bench = Bench()
    assert set_key(bench, value) == {"status": "Rejected"}
    assert ("secret", "") not in bench.notes


def test_a_key_that_can_t_be_kept_isn_t_accepted() -> None:
    """CPO-1: disk full."""
    bench = Bench()
    bench.disk_away = True
    assert set_key(bench, NEW.hex()) is None
    bench.control.note_kept("t-r1", bench.moment, kept=False)
    bench.carry_out()
    assert list(bench.answers.values()) == ["InternalError"]
    assert len(bench.dials) == 1


def test_an_operator_that_refuses_the_new_key_gets_the_old_one() -> None:
    """CPO-1: its database didn't take the key that it had set."""
    bench = Bench()
    set_key(bench, OLD.hex())
    bench.wait(1.0)
    bench.wrong_keys = {NEW}
    set_key(bench, NEW.hex())
    bench.wait(10.0)
    assert (bench.keys[-2:], bench.control.view().state) == ([NEW, OLD], "online")
    assert bench.notes["secret", ""] == {"keys": [OLD.hex()]}


def test_the_key_outlives_the_process() -> None:
    """CPO-1"""
    bench = Bench()
    set_key(bench, NEW.hex())
    note = bench.notes["secret", ""]
    assert note is not None
    after = Bench(memory=replace(bench.memory, notes={("secret", ""): note}))
    assert after.keys == [NEW]
