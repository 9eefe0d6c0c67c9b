"""What the command line has a running daemon do with the firmware that it keeps."""

from pathlib import Path
from typing import Any

import pytest

from evce.firmware.library import FirmwareRefusedError
from evce.station_control.action_state import ActionState
from tests.web.test_firmware_keeper import BOX, FAILED, Rig
from tools.control.firmware import firmware_deeds


def test_files_are_added_sent_and_removed_and_stations_are_told(tmp_path: Path) -> None:
    """SR-5: the same words as everywhere for what won't do."""
    rig = Rig(tmp_path)
    deeds: dict[str, Any] = firmware_deeds(rig.site, rig.keeper)  # type: ignore[arg-type]
    path = tmp_path / "pro-1.1.0.bin"
    path.write_bytes(b"image")
    added = deeds["firmware_add"]({"file": str(path), "family": "pro_ac", "author": "ada"})["file"]
    assert (added["version"], added["added_by"], added["size"]) == ("1.1.0", "ada", 5)
    with pytest.raises(FirmwareRefusedError, match="family: 'garage' won't do"):
        deeds["firmware_add"]({"file": str(path), "family": "garage"})
    told = deeds["firmware"]({})
    assert (told["by_itself"], [one["id"] for one in told["files"]]) == (True, [added["id"]])
    (one,) = (one for one in told["stations"] if one["station"] == BOX)
    assert (one["firmware"], one["held"], one["standing"], one["update"]) == ("1.0.0", "1.1.0", "older", None)

    assert deeds["firmware_send"]({"station": BOX, "file": added["id"]})["action"] == rig.asked()[-1].request
    with pytest.raises(LookupError, match="station='CP-99': know CP-01"):
        deeds["firmware_send"]({"station": "CP-99", "file": added["id"]})
    assert deeds["firmware_try_again"]({"station": BOX}) == {"again": False}
    rig.look()
    rig.became(ActionState.FAILED, FAILED)
    rig.look()
    assert deeds["firmware_try_again"]({"station": BOX, "author": "ada"}) == {"again": True}

    with pytest.raises(LookupError, match=f"file='x': know {added['id']}"):
        deeds["firmware_remove"]({"file": "x"})
    assert deeds["firmware_remove"]({"file": added["id"]})["file"] == added
    assert deeds["firmware"]({})["files"] == []
