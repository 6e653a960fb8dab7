"""Logs, alarms and the dashboard: what CloudWatch refuses."""

import json
from collections.abc import Iterator

from tests.contract.aws_rules.rule import rule, setting
from tests.contract.aws_rules.stack import Json, Stack

ALARM = "AWS::CloudWatch::Alarm"
LIMITS = "AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html"
PUT_ALARM = "AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"
RETENTION = {
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
}
STATISTICS = {"Average", "Maximum", "Minimum", "SampleCount", "Sum"}


@rule(
    "A log is kept for one of certain numbers of days",
    "AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html",
    setting("AWS::Logs::LogGroup", "RetentionInDays", 10),
)
def log_retention(stack: Stack) -> Iterator[str]:
    """Without a number for ever."""
    for name, one in stack.of_type("AWS::Logs::LogGroup").items():
        if one.get("RetentionInDays") not in RETENTION:
            yield name


@rule("The period of an alarm is 10, 20, 30 or whole minutes", PUT_ALARM, setting(ALARM, "Period", 90))
def alarm_periods(stack: Stack) -> Iterator[str]:
    """All its periods together take a week at most, a day of periods below an hour."""
    for name, one in stack.of_type(ALARM).items():
        for period in [one["Period"]] if "Period" in one else {metric["Period"] for metric in _metrics(one)}:
            whole = one["EvaluationPeriods"] * period
            longest = 604_800 if period >= 3_600 else 86_400
            if not (period in (10, 20, 30) or period % 60 == 0) or not 0 < whole <= longest:
                yield name


def _metrics(alarm: Json) -> list[Json]:
    """The metrics of an alarm on an expression."""
    return [one["MetricStat"] for one in alarm["Metrics"] if "MetricStat" in one]


@rule(
    "An alarm has five actions, 30 dimensions, 1,024 characters of text",
    PUT_ALARM,
    setting(ALARM, "AlarmDescription", "x" * 1_025),
)
def alarm_sizes(stack: Stack) -> Iterator[str]:
    """And a statistic or a percentile, not both."""
    for name, one in stack.of_type(ALARM).items():
        sizes = len(one["AlarmActions"]), len(one.get("Dimensions", [])), len(one["AlarmDescription"])
        statistic = one.get("Statistic") in STATISTICS or ("Statistic" not in one and "ExtendedStatistic" in one)
        if "Metrics" in one:  # ten of them at most, and the expressions
            statistic = len(_metrics(one)) <= 10 and all(metric["Stat"] in STATISTICS for metric in _metrics(one))
        if not statistic or any(size > most for size, most in zip(sizes, (5, 30, 1_024), strict=True)):
            yield name


def _add_lines(stack: Stack) -> None:
    dashboard = next(iter(stack.of_type("AWS::CloudWatch::Dashboard").values()))
    body = json.loads(dashboard["DashboardBody"]["Fn::Sub"])
    body["widgets"][0]["properties"]["metrics"] *= 501
    dashboard["DashboardBody"] = {"Fn::Sub": json.dumps(body)}


@rule("A dashboard has 500 widgets, and 2,500 metrics, 500 in a widget", LIMITS, _add_lines)
def dashboard_sizes(stack: Stack) -> Iterator[str]:
    """A widget is up to 24 columns wide."""
    for name, one in stack.of_type("AWS::CloudWatch::Dashboard").items():
        widgets = json.loads(stack.text(one["DashboardBody"]))["widgets"]
        lines = [len(widget["properties"].get("metrics", [])) for widget in widgets]
        if len(widgets) > 500 or max(lines) > 500 or sum(lines) > 2_500:
            yield name
        yield from (f"{name}: {widget}" for widget in widgets if widget["x"] + widget["width"] > 24)
