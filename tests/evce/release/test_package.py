"""Tests of the package of a release."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from evce.release.package import ReleaseRefusedError, is_version, open_package, unpack
from tests.evce.licence.signing import KEY, PUBLIC
from tests.evce.release.packages import MADE_AT, made

DOMAIN = b"evce-release-1\0"


def changed(package: Path, change: dict[str, bytes | None]) -> Path:
    """The package with members replaced, added, or left out."""
    with zipfile.ZipFile(package) as archive:
        members: dict[str, bytes | None] = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(package, "w") as archive:
        for name, content in (members | change).items():
            if content is not None:
                archive.writestr(name, content)
    return package


def resigned(package: Path, **fields: object) -> Path:
    """The package with another manifest, which the vendor has signed."""
    with zipfile.ZipFile(package) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    content = json.dumps(manifest | fields).encode()
    return changed(package, {"manifest.json": content, "manifest.sig": KEY.sign(DOMAIN + content)})


def test_a_package_says_what_it_is_and_unpacks_to_its_wheels(tmp_path: Path) -> None:
    """SR-4"""
    package = made(tmp_path)
    manifest = open_package(package, [PUBLIC])
    assert (manifest.version, manifest.made_at, manifest.python) == ("1.2.0", MADE_AT, "3.11")
    assert (manifest.machine, manifest.schema, manifest.notes) == ("x86_64", "0012", "What is new.")
    into = tmp_path / "into"
    into.mkdir()
    shares: list[float] = []
    assert unpack(package, into, [PUBLIC], shares.append) == manifest
    assert {path.name: path.read_bytes() for path in into.iterdir()} == {
        "evce-1-py3-none-any.whl": b"one",
        "other-2-py3-none-any.whl": b"two",
    }
    assert shares == [0.5, 1.0]


def test_only_the_vendor_s_packages_are_believed(tmp_path: Path) -> None:
    """SR-4: the product doesn't trust a test's key, and a licence's signature is none of a release."""
    package = made(tmp_path)
    with pytest.raises(ReleaseRefusedError, match="not the vendor's"):
        open_package(package)
    with zipfile.ZipFile(package) as archive:
        content = archive.read("manifest.json")
    changed(package, {"manifest.sig": KEY.sign(content)})
    with pytest.raises(ReleaseRefusedError, match="not the vendor's"):
        open_package(package, [PUBLIC])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"wheels/evce-1-py3-none-any.whl": b"eno"}, "was changed after"),
        ({"wheels/evce-1-py3-none-any.whl": b"one and more"}, "was changed after"),
        ({"wheels/evce-1-py3-none-any.whl": b"on"}, "was changed after"),
        ({"wheels/evce-1-py3-none-any.whl": None}, "something else"),
        ({"wheels/third-1-py3-none-any.whl": b"x"}, "something else"),
        ({"../evil.whl": b"x"}, "something else"),
        ({"manifest.json": b"{}"}, "not the vendor's"),
        ({"manifest.json": None}, "no manifest.json"),
        ({"manifest.sig": None}, "no manifest.sig"),
        ({"manifest.json": b"x" * (1 << 20) + b"y"}, "manifest can't be read"),
    ],
)
def test_nothing_of_a_package_can_be_changed_unseen(
    tmp_path: Path, change: dict[str, bytes | None], words: str
) -> None:
    """SR-4, RELIABILITY 3"""
    package = changed(made(tmp_path), change)
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(ReleaseRefusedError, match=words):
        unpack(package, into, [PUBLIC])
    assert not (tmp_path / "evil.whl").exists()


def test_not_one_changed_byte_is_installed(tmp_path: Path) -> None:
    """SR-4: wherever it is, it is refused, or it is none of what is unpacked."""
    package = made(tmp_path)
    sound = package.read_bytes()
    for place in range(0, len(sound), 23):
        package.write_bytes(sound[:place] + bytes([sound[place] ^ 0x41]) + sound[place + 1 :])
        into = tmp_path / f"into-{place}"
        into.mkdir()
        try:
            unpack(package, into, [PUBLIC])
        except ReleaseRefusedError:
            continue
        assert sorted(path.read_bytes() for path in into.iterdir()) == [b"one", b"two"]


@pytest.mark.parametrize("content", [b"", b"PK", b"x" * 4000, b"\0" * 100])
def test_what_is_no_package_is_told_so(content: bytes) -> None:
    """RELIABILITY 3"""
    with pytest.raises(ReleaseRefusedError, match="no release of EVCE"):
        open_package(io.BytesIO(content), [PUBLIC])


def test_a_package_cut_short_is_refused(tmp_path: Path) -> None:
    """RELIABILITY 3"""
    package = made(tmp_path)
    package.write_bytes(package.read_bytes()[:-30])
    with pytest.raises(ReleaseRefusedError, match="end is missing"):
        open_package(package, [PUBLIC])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"format": 2}, "newer EVCE"),
        ({"version": "../1.0"}, "can't be read"),
        ({"version": ""}, "can't be read"),
        ({"made_at": "2026-11-23T00:00:00"}, "can't be read"),
        ({"wheels": []}, "can't be read"),
        ({"wheels": [{"name": "../a.whl", "size": 1, "sha256": ""}]}, "can't be read"),
        ({"wheels": [{"name": "a.whl", "size": -1, "sha256": ""}]}, "can't be read"),
        ({"wheels": [{"name": "a.whl", "size": 1, "sha256": ""}] * 2}, "can't be read"),
        ({"wheels": [{"name": "a.whl", "size": 1 << 40, "sha256": ""}]}, "unpacks to more"),
        ({"wheels": 3}, "can't be read"),
    ],
)
def test_a_signed_manifest_is_looked_at_all_the_same(
    tmp_path: Path, fields: dict[str, object], words: str
) -> None:
    """SR-4: a vendor's slip mustn't reach outside of a folder or fill a disk."""
    with pytest.raises(ReleaseRefusedError, match=words):
        open_package(resigned(made(tmp_path), **fields), [PUBLIC])


def test_a_version_is_a_name_of_a_folder() -> None:
    """SR-4"""
    assert all(map(is_version, ("1.0", "0.1.0", "2026.11.23", "1.2rc1", "1.2.post1")))
    assert not any(
        map(is_version, ("", "1", "..", "1.0/2", "v1.0", "1.0\n", "\u0967.\u0966", "1." + "0" * 60))
    )
