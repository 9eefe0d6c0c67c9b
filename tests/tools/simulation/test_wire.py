"""Frames as a station reads them."""

from collections.abc import Mapping

import pytest

from tools.simulation.wire import (
    Answer,
    ErrorAnswer,
    FrameError,
    Request,
    call_error,
    call_frame,
    check_request,
    read_frame,
    result_frame,
)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (call_frame("1", "Reset", {"type": "Soft"}), Request("1", "Reset", {"type": "Soft"})),
        (result_frame("1", {"status": "Accepted"}), Answer("1", {"status": "Accepted"})),
        (call_error("1", "InternalError", "why"), ErrorAnswer("1", "InternalError", "why")),
    ],
)
def test_what_is_written_is_read(frame: str, message: object) -> None:
    """OC-1: OCPP-J 4.2."""
    assert read_frame(frame) == message


@pytest.mark.parametrize("frame", ["", "{}", "[]", "[1,2,3]", '[2,5,"Reset",{}]', '[9,"1",{}]', "[" * 5000])
def test_what_is_no_frame_is_refused(frame: str) -> None:
    with pytest.raises(FrameError) as caught:
        read_frame(frame)
    assert caught.value.code == "FormationViolation"
    assert caught.value.message_id is None


def test_a_broken_call_can_still_be_answered() -> None:
    with pytest.raises(FrameError) as caught:
        read_frame('[2,"7","Reset"]')
    assert caught.value.message_id == "7"


@pytest.mark.parametrize("limit", [0, 6, 9.3, 31.9])
def test_a_limit_with_one_decimal_is_right(limit: float) -> None:
    period = {"startPeriod": 0, "limit": limit}
    check_request("SetChargingProfile", payload(period))


@pytest.mark.parametrize("period", [{"startPeriod": 0, "limit": 9.33}, {"startPeriod": 0}, {"limit": "x"}])
def test_a_wrong_period_is_refused(period: dict[str, object]) -> None:
    with pytest.raises(FrameError):
        check_request("SetChargingProfile", payload(period))


def payload(period: Mapping[str, object]) -> dict[str, object]:
    return {
        "connectorId": 1,
        "csChargingProfiles": {
            "chargingProfileId": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Absolute",
            "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [period]},
        },
    }
