"""The firewall in front of the API: one rule, the rate of a client, by a parameter. It costs 6 USD a month and 0.60 USD
for a million calls, so there is none by default; the local stage never has one.
"""

from infra.names import Json, named, ref, sub, unless

WINDOW_SECONDS = 300
LIMIT = "ClientRateLimit"
ACL = "Firewall"


def parameters() -> Json:
    """Return the parameter; WAF takes 10 or more."""
    text = "Calls that one address may make in five minutes, 10 or more; the further ones get 429. 0: no firewall"
    return {LIMIT: {"Type": "Number", "Default": 0, "MinValue": 0, "Description": text}}


def conditions() -> Json:
    """Return the condition that there is a limit."""
    return {"HasFirewall": unless(LIMIT, "0")}


def resources() -> Json:
    """Return the rules, and what puts them in front of the API's stage."""
    rate = {"Limit": ref(LIMIT), "AggregateKeyType": "IP", "EvaluationWindowSec": WINDOW_SECONDS}
    rule = {
        "Name": "rate",
        "Priority": 0,
        "Action": {"Block": {}},
        "Statement": {"RateBasedStatement": rate},
        "VisibilityConfig": _measured("rate"),
    }
    acl = {
        "Name": named("api"),
        "Scope": "REGIONAL",
        "DefaultAction": {"Allow": {}},
        "Rules": [rule],
        "VisibilityConfig": _measured("api"),
    }
    # Ref of the stage, so that it is there before
    stage = "arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${RestAPI}/stages/${Stage}"
    association = {
        "ResourceArn": {"Fn::Sub": [stage, {"Stage": ref("RestAPI.Stage")}]},
        "WebACLArn": {"Fn::GetAtt": [ACL, "Arn"]},
    }
    return {
        ACL: {"Type": "AWS::WAFv2::WebACL", "Condition": "HasFirewall", "Properties": acl},
        f"{ACL}OfApi": {"Type": "AWS::WAFv2::WebACLAssociation", "Condition": "HasFirewall", "Properties": association},
    }


def _measured(name: str) -> Json:
    """Return how calls are measured: counted, not sampled."""
    metric = sub(f"${{AWS::StackName}}-{name}")
    return {"CloudWatchMetricsEnabled": True, "SampledRequestsEnabled": False, "MetricName": metric}
