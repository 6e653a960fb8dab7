"""The environment of a function: typed values, and errors that name the variable."""

import pytest

from chalicelib.core.settings import Settings, read


def test_missing_variables_have_defaults_and_unknown_ones_are_ignored() -> None:
    assert read({"PATH": "/bin", "stage": "prod"}) == Settings()


def test_values_have_the_type_of_their_setting() -> None:
    found = read({"STAGE": "local", "AUTH_REQUIRED": "False", "LONG_WAIT_MIN": "6", "MAIL_FROM": ""})
    assert (found.stage, found.auth_required, found.long_wait_min, found.mail_from) == ("local", False, 6, "")


def test_missing_stage_has_the_rules_of_production() -> None:
    assert (read({}).stage, read({}).allows_anonymous_admin) == ("prod", False)


@pytest.mark.parametrize("given", [{}, {"STAGE": ""}, {"STAGE": "dev"}, {"STAGE": "prod"}, {"STAGE": "Local"}])
def test_only_the_local_stage_works_without_tokens(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="AUTH_REQUIRED"):
        read({**given, "AUTH_REQUIRED": "false"})
    assert not Settings(
        **{name.lower(): text for name, text in given.items()}, auth_required=False
    ).allows_anonymous_admin
    assert read({"STAGE": "local", "AUTH_REQUIRED": "false"}).allows_anonymous_admin
    assert not read({"STAGE": "local"}).allows_anonymous_admin


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("AUTH_REQUIRED", "yes"),
        ("AUTH_REQUIRED", ""),
        ("LISTING_SHARDS", "65"),
        ("DEFERRED_DIRECT_SECONDS", "901"),
        ("LONG_WAIT_MIN", "0"),
        ("LONG_WAIT_MIN", "many"),
    ],
)
def test_error_names_the_variable_that_is_not_valid(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=name):
        read({name: text})


@pytest.mark.parametrize("zone", ["Europe/Moskow", "../UTC", "", "/etc/localtime", "Europe", "localtime", "Factory"])
def test_what_is_no_time_zone_is_refused_at_the_start(zone: str) -> None:
    assert read({"TIME_ZONE": "Europe/Moscow"}).time_zone == "Europe/Moscow"
    with pytest.raises(ValueError, match="TIME_ZONE"):
        read({"TIME_ZONE": zone})
