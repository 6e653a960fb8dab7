"""A domain of one's own: by parameter, on every stage that is on AWS."""

import json
import re
from typing import Any

import pytest

import app
from infra.lambdas import environment
from infra.stages import LOCAL
from infra.template import merge_template

Json = dict[str, Any]
NAMES = {"DomainName", "CertificateArn", "BasePath", "HostedZoneId"}
OF_DOMAIN = {"Domain": "HasDomain", "DomainMapping": "HasDomain", "DomainRecord": "HasZone"}


@pytest.fixture(scope="module")
def template() -> Json:
    """The template of a stage of any name."""
    return merge_template(app.app, "plant2")


def test_all_of_it_depends_on_its_parameters_which_are_empty(template: Json) -> None:
    assert {template["Parameters"][name]["Default"] for name in NAMES} == {""}
    assert {name: template["Resources"][name]["Condition"] for name in OF_DOMAIN} == OF_DOMAIN
    assert {template["Outputs"][name]["Condition"] for name in ("Url", "DomainTarget")} == {"HasDomain"}


def test_the_local_stage_has_none_of_it() -> None:
    local = merge_template(app.app, LOCAL)
    assert NAMES & local["Parameters"].keys() == OF_DOMAIN.keys() & local["Resources"].keys() == set()
    assert "BasePath" not in json.dumps(environment(LOCAL))


def test_a_domain_needs_its_certificate_and_nothing_comes_without_the_domain(template: Json) -> None:
    rules = template["Rules"]
    required = {one["AssertDescription"] for rule in rules.values() for one in rule["Assertions"]}
    assert any("DomainName needs CertificateArn" in text for text in required)
    assert any("they need DomainName" in text for text in required)


def test_tls_is_no_older_than_1_2_and_the_name_is_in_the_region(template: Json) -> None:
    properties = template["Resources"]["Domain"]["Properties"]
    assert (properties["SecurityPolicy"], properties["EndpointConfiguration"]) == ("TLS_1_2", {"Types": ["REGIONAL"]})
    assert "RegionalCertificateArn" in properties


def test_links_in_emails_have_the_domain_unless_another_address_is_given(template: Json) -> None:
    url = environment("plant2")["PUBLIC_URL"]["Fn::If"]
    assert url[:2] == ["HasPublicUrl", {"Ref": "PublicUrl"}]
    assert url[2]["Fn::If"] == ["HasDomain", template["Outputs"]["Url"]["Value"], ""]


@pytest.mark.parametrize(
    ("name", "taken", "refused"),
    [
        (
            "DomainName",
            ["", "shop.example.com", "a-1.example"],
            ["https://shop.example.com", "shop", "Shop.example.com"],
        ),
        ("BasePath", ["", "plant", "plant-2"], ["/plant", "a/b", "завод"]),
        ("CertificateArn", ["arn:aws:acm:eu-central-1:123456789012:certificate/a-1"], ["arn:aws:iam::123456789012:x"]),
        ("HostedZoneId", ["", "Z2FDTNDATAQYW2"], ["/hostedzone/Z2FDTNDATAQYW2"]),
    ],
)
def test_a_wrong_value_is_refused_before_anything_is_changed(
    name: str, taken: list[str], refused: list[str], template: Json
) -> None:
    pattern = template["Parameters"][name]["AllowedPattern"]
    assert [text for text in taken if not re.fullmatch(pattern, text)] == []
    assert [text for text in refused if re.fullmatch(pattern, text)] == []
