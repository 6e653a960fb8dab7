"""How quotas are written, and when their day ends."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from chalicelib.quotas import model
from infra.template import _QUOTA


def test_unnamed_quotas_have_defaults() -> None:
    assert model.parse_limits("") == model.DEFAULTS
    assert model.parse_limits(" emails=0, sms = 7 ,") == model.DEFAULTS | {"emails": 0, "sms": 7}


@pytest.mark.parametrize("text", ["emails", "emails=", "emails=-1", "emails=1.5", "faxes=1", "sms=10000000000", "{}"])
def test_what_makes_no_sense_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"DAILY_QUOTAS has"):
        model.parse_limits(text)


def test_template_accepts_valid_quotas() -> None:
    pattern = f"^({_QUOTA}(,{_QUOTA})*)?$"
    for text in ("", "emails=1", "emails=1,sms=2", ",".join(f"{name}={most}" for name, most in model.DEFAULTS.items())):
        assert re.match(pattern, text)
        model.parse_limits(text)
    for text in ("emails", "emails=1,", "faxes=1", "emails=1;sms=2"):
        assert not re.match(pattern, text)


def test_a_day_ends_at_midnight_utc() -> None:
    late = datetime(2026, 11, 30, 1, 30, tzinfo=timezone(timedelta(hours=3)))
    assert model.day_of(late) == date(2026, 11, 29)
    assert model.end_of(date(2026, 11, 29)) == datetime(2026, 11, 30, tzinfo=UTC)
    refusal = model.exhausted(["sms"], {"sms": 3}, late)
    assert (refusal.status, refusal.error_code, refusal.headers["Retry-After"]) == (429, "RATE_LIMITED", "5400")
