"""Tests of versions as the field writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.firmware.versions import older, read_version, version_in


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("3.3.0.0.1", "3.3.0.0.1", False),
        ("3.3.0.0.1", "3.3.0.0.2", True),
        ("3.3.0.0.9", "3.3.0.0.10", True),
        ("3.4.0", "3.3.0.0.1", False),
        ("3.3", "3.3.0.0.0", False),
        ("3.3", "3.3.0.0.1", True),
        ("01.00.00", "1.0.1", True),
        ("v01.10.00", "01.9.0", False),
        ("3300-9(r7)", "3.3.0.0.10", True),
        ("3300- 9(r7)", "3.3.0.0.1", False),
        ("3400", "3.3.0.0.1", False),
        ("3200-12(r1)", "3.3.0.0.1", True),
        ("V012", "V013", True),
        ("v22PRO017362 V013", "V013", False),
        ("22PRO017362 V009", "V013", True),
        ("EVlink Pro AC 01.02.03", "01.02.04", True),
        ("1.2.0-rc1", "1.2.0", True),
        ("1.2.0", "1.2.0-rc1", False),
        ("1.2.0-3", "1.2.0-12", True),
        ("1.2.0-3f2a", "1.2.0", False),
        ("", "1.0", None),
        ("latest", "1.0", None),
        ("V013", "3.3.0", None),
        ("2023", "new", None),
        ("1." * 40 + "1", "1.0", None),
    ],
)
def test_which_of_two_is_older(one: str, other: str, expected: bool | None) -> None:
    """SR-5: compared as numbers, and never guessed."""
    assert older(one, other) is expected


@given(
    st.lists(st.integers(0, 300), min_size=2, max_size=5),
    st.lists(st.integers(0, 300), min_size=2, max_size=5),
)
def test_the_order_is_that_of_the_numbers(one: list[int], other: list[int]) -> None:
    """SR-5: of two, at most one is the older."""
    texts = [".".join(map(str, parts)) for parts in (one, other)]
    padded = [(parts + [0] * 5)[:5] for parts in (one, other)]
    assert older(*texts) is (padded[0] < padded[1])
    assert older(*reversed(texts)) is (padded[1] < padded[0])


@given(st.text(max_size=60))
def test_no_text_is_too_odd(text: str) -> None:
    """RELIABILITY 3: it is what a station says of itself."""
    found = read_version(text)
    assert found is None or found.parts
    version_in(text)


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("evlink-3.4.0.0.1.bin", "3.4.0.0.1"),
        ("EVP_01.02.00.zip", "01.02.00"),
        ("22PRO017362_V013.bin", "V013"),
        ("3400-2(r1).tar", "3400-2(r1)"),
        ("update.bin", ""),
    ],
)
def test_a_file_s_name_may_tell_its_version(name: str, version: str) -> None:
    """SR-5."""
    assert version_in(name) == version
