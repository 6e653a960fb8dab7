"""A domain of one's own: the name at the gateway, the mapping to the API, and a record in Route 53 where its zone is.

The certificate is of ACM in the region of the stack, since the name is regional
(https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-regional-api-custom-domain-create.html). The
gateway leaves the base path in the path of an event; chalicelib.core.request takes it off. The local stage has none.
"""

from typing import Any

from infra.names import Json, chosen, ref, sub, unless


def parameters() -> Json:
    """Return the parameters of the domain."""
    return {
        "DomainName": _text(
            "A host of your own, as shop.example.com, with a CNAME that points at the output DomainTarget; empty: none",
            r"(([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63})?",
        ),
        "CertificateArn": _text(
            "The certificate of DomainName: of ACM, in the region of the stack",
            r"(arn:aws[\w-]*:acm:[\w-]+:\d{12}:certificate/[\w-]+)?",
        ),
        "BasePath": _text(
            "What stands before all paths at DomainName: plant makes https://host/plant/api/batches; empty: nothing",
            "([a-z0-9][a-z0-9_-]{0,49})?",
        ),
        "HostedZoneId": _text(
            "The zone of DomainName in Route 53, in which the stack makes the record itself; empty: it does not",
            "[A-Z0-9]*",
        ),
    }


def rules() -> Json:
    """Return the rules that CloudFormation checks before it changes anything."""
    needs = "DomainName needs CertificateArn, the ARN of a certificate of ACM in this region"
    for_domain = "BasePath and HostedZoneId are of a domain: they need DomainName"
    empty = {"Fn::Equals": [ref("DomainName"), ""]}
    return {
        "DomainNeedsItsCertificate": {
            "RuleCondition": {"Fn::Not": [empty]},
            "Assertions": [_assertion(unless("CertificateArn", ""), needs)],
        },
        "NothingWithoutTheDomain": {
            "RuleCondition": empty,
            "Assertions": [
                _assertion({"Fn::Equals": [ref("BasePath"), ""]}, for_domain),
                _assertion({"Fn::Equals": [ref("HostedZoneId"), ""]}, for_domain),
            ],
        },
    }


def conditions() -> Json:
    """Return the conditions of what follows."""
    return {
        "HasDomain": unless("DomainName", ""),
        "HasBasePath": unless("BasePath", ""),
        "HasZone": {"Fn::And": [{"Condition": "HasDomain"}, unless("HostedZoneId", "")]},
        "HasPublicUrl": unless("PublicUrl", ""),
    }


def resources() -> Json:
    """Return name, mapping and record."""
    return {
        "Domain": {
            "Type": "AWS::ApiGateway::DomainName",
            "Condition": "HasDomain",
            "Properties": {
                "DomainName": ref("DomainName"),
                "RegionalCertificateArn": ref("CertificateArn"),
                "EndpointConfiguration": {"Types": ["REGIONAL"]},
                "SecurityPolicy": "TLS_1_2",
            },
        },
        "DomainMapping": {
            "Type": "AWS::ApiGateway::BasePathMapping",
            "Condition": "HasDomain",
            "Properties": {
                "DomainName": ref("Domain"),
                "BasePath": chosen("HasBasePath", ref("BasePath")),
                "RestApiId": ref("RestAPI"),
                "Stage": ref("RestAPI.Stage"),  # of SAM: the mapping waits for the stage
            },
        },
        "DomainRecord": _record(),
    }


def _record() -> Json:
    """Return the record of the host, an alias, which costs nothing."""
    target = {
        "DNSName": {"Fn::GetAtt": ["Domain", "RegionalDomainName"]},
        "HostedZoneId": {"Fn::GetAtt": ["Domain", "RegionalHostedZoneId"]},
    }
    properties = {"HostedZoneId": ref("HostedZoneId"), "Name": ref("DomainName"), "Type": "A", "AliasTarget": target}
    return {"Type": "AWS::Route53::RecordSet", "Condition": "HasZone", "Properties": properties}


def outputs() -> Json:
    """Return the address, and where a CNAME of the host has to point."""
    target = {"Fn::GetAtt": ["Domain", "RegionalDomainName"]}
    return {
        name: {"Condition": "HasDomain", "Value": value} for name, value in (("Url", _url()), ("DomainTarget", target))
    }


def environment() -> Json:
    """Return the settings of the functions. The address of the gateway is no default: it needs the functions."""
    return {
        "BASE_PATH": ref("BasePath"),
        "PUBLIC_URL": chosen("HasPublicUrl", ref("PublicUrl"), chosen("HasDomain", _url(), "")),
    }


def _url() -> Json:
    return chosen("HasBasePath", sub("https://${DomainName}/${BasePath}"), sub("https://${DomainName}"))


def _assertion(required: Any, why: str) -> Json:
    return {"Assert": required, "AssertDescription": why}


def _text(description: str, pattern: str) -> Json:
    return {"Type": "String", "Default": "", "Description": description, "AllowedPattern": f"^{pattern}$"}
