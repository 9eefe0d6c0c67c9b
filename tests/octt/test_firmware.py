"""OCTT, Firmware Management: updates and diagnostics, well and badly."""

from evce.station_control.action_state import ActionState
from tests.octt.stage import Play, case

WHERE = "ftp://127.0.0.1/files/new"


@case()
async def test_octt_044_1_firmware_download_and_install(play: Play) -> None:
    """OC-3: followed through the restart to the end."""
    station = await play.begin()
    station.answers["UpdateFirmware"] = lambda _: {}
    action = await play.order("firmware", location=WHERE)
    asked = await station.expect("UpdateFirmware")
    assert asked["location"] == WHERE
    for status in ("Downloading", "Downloaded", "Installing"):
        await station.say("FirmwareStatusNotification", status=status)
    await station.disconnect()
    station.firmware = "2.0"
    await station.connect()
    await station.boot()
    await station.say("FirmwareStatusNotification", status="Installed")
    assert (await play.outcome(action)).state is ActionState.DONE

    async def runs_it() -> bool:
        return (await play.seen()).firmware == "2.0"

    await play.until(runs_it, "the new firmware is shown")


async def fails(play: Play, *statuses: str) -> None:
    """People learn at which step."""
    station = await play.begin()
    station.answers["UpdateFirmware"] = lambda _: {}
    action = await play.order("firmware", location=WHERE)
    for status in statuses:
        await station.say("FirmwareStatusNotification", status=status)
    ended = await play.outcome(action)
    assert ended.state is ActionState.FAILED
    assert statuses[-1] in str(ended.said)


@case()
async def test_octt_044_2_firmware_download_failed(play: Play) -> None:
    """OC-3."""
    await fails(play, "Downloading", "DownloadFailed")


@case()
async def test_octt_044_3_firmware_installation_failed(play: Play) -> None:
    """OC-3."""
    await fails(play, "Downloading", "Downloaded", "Installing", "InstallationFailed")


async def diagnostics(play: Play, outcome: str) -> ActionState:
    """Asked for, and what became of it."""
    station = await play.begin()
    station.answers["GetDiagnostics"] = lambda _: {"fileName": "all.zip"}
    action = await play.order("diagnostics", location=WHERE)
    asked = await station.expect("GetDiagnostics")
    assert asked["location"] == WHERE
    for status in ("Uploading", outcome):
        await station.say("DiagnosticsStatusNotification", status=status)
    return (await play.outcome(action)).state


@case()
async def test_octt_045_1_get_diagnostics(play: Play) -> None:
    """OC-3."""
    assert await diagnostics(play, "Uploaded") is ActionState.DONE


@case()
async def test_octt_045_2_get_diagnostics_upload_failed(play: Play) -> None:
    """OC-3: no file."""
    assert await diagnostics(play, "UploadFailed") is ActionState.FAILED
