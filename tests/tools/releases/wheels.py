"""Wheels of an invented EVCE for tests: a few lines in place of the whole."""

import zipfile
from io import BytesIO

__all__ = ["wheel"]

TRIES = 'print("noise"); print(\'{"version": "%s"}\')'


def wheel(version: str, code: str = "", tries: str = TRIES) -> dict[str, bytes]:
    """A wheel `evce` whose program runs `code`; asked to try, it says who it is."""
    tried = tries.replace("%s", version)
    body = f"import sys\n\ndef main():\n    if 'try' in sys.argv:\n        {tried}\n        return\n"
    body += f"    {code or 'pass'}\n"
    name = f"evce-{version}.dist-info"
    members = {
        "evce_trial.py": body,
        f"{name}/METADATA": f"Metadata-Version: 2.1\nName: evce\nVersion: {version}\n",
        f"{name}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{name}/entry_points.txt": "[console_scripts]\nevce = evce_trial:main\n",
    }
    record = "".join(f"{member},,\n" for member in (*members, f"{name}/RECORD"))
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for member, text in (*members.items(), (f"{name}/RECORD", record)):
            archive.writestr(member, text)
    return {f"evce-{version}-py3-none-any.whl": content.getvalue()}
