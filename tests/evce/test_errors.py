"""The errors that EVCE raises on purpose."""

import pickle

import pytest

from evce.errors import (
    ConfigurationError,
    EvceError,
    Refusal,
    RevisionConflictError,
    StorageError,
    UnknownRevisionError,
    shown,
)


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (ConfigurationError, ValueError),
        (UnknownRevisionError, LookupError),
        (RevisionConflictError, RuntimeError),
        (StorageError, OSError),
    ],
)
def test_each_error_is_also_a_builtin_kind(error: type[Exception], builtin: type[Exception]) -> None:
    assert issubclass(error, EvceError)
    assert issubclass(error, builtin)


@pytest.mark.parametrize(
    ("refusal", "text"),
    [
        (Refusal(("a",), "a", 3, "must be 1"), "a = 3: must be 1"),
        (Refusal(("a",), "a", None, "must be given"), "a: must be given"),
        (
            Refusal(("a",), "a", "dinamic", "must be static or dynamic", "dynamic", 7),
            'line 7: a = "dinamic": must be static or dynamic; did you mean "dynamic"?',
        ),
    ],
)
def test_a_refusal_tells_line_field_value_and_what_is_allowed(refusal: Refusal, text: str) -> None:
    assert str(refusal) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (100.0, "100"),
        (0.1, "0.1"),
        ("T2", '"T2"'),
        (["T2", "TE"], '["T2", "TE"]'),
        ({"a": 1}, "{ … }"),
        ("x" * 100, '"' + "x" * 58 + "…"),
    ],
)
def test_values_are_shown_as_people_write_them(value: object, text: str) -> None:
    assert shown(value) == text


def test_a_refused_document_tells_everything_and_survives_a_process_boundary() -> None:
    error = ConfigurationError([Refusal(("a",), "a", 1, "must be 2"), Refusal(("b",), "b", 2, "must be 3")])
    assert str(error) == "a = 1: must be 2\nb = 2: must be 3"
    assert pickle.loads(pickle.dumps(error)).refusals == error.refusals  # noqa: S301


def test_a_refusal_is_placed_on_a_line() -> None:
    assert Refusal(("a",), "a", 1, "must be 2").at_line(9).line == 9
