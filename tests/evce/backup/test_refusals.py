"""Tests of the names of refusals."""

from evce.backup.refusals import BackupRefusedError, Reason
from evce.errors import EvceError


def test_a_refusal_has_a_name_for_programs_and_a_sentence_for_people() -> None:
    """SR-2: and is refused on purpose."""
    error = BackupRefusedError(Reason.BOMB, "too much")
    assert (error.reason, str(error)) == ("bomb", "too much")
    assert isinstance(error, EvceError)
    assert isinstance(error, ValueError)
