"""Effects are values."""

from evce.cpo.effects import KeepNote, Settle


def test_a_note_is_waited_for_only_where_it_says_so() -> None:
    assert KeepNote("card", "A", None).request == ""
    assert Settle(1, delivered=True).given_up is False
