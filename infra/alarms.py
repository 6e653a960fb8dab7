"""What must wake somebody: an event nobody could handle, a failed report, an API that answers 5xx."""

from infra.names import Json, named, ref

FIVE_MINUTES = 300


def resources(has_saga: bool) -> Json:
    """The alarms. Who is told is a parameter: an SNS topic, or nobody."""
    made = {
        "ReactDlqAlarm": _alarm(
            "react-dlq",
            "Events that no handler could process wait in the dead letter queue",
            ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum"),
            {"QueueName": {"Fn::GetAtt": ["ReactDlq", "QueueName"]}},
        ),
        "ApiFailuresAlarm": _alarm(
            "api-5xx",
            "The API answers 5xx: every one of them is a bug or an outage",
            ("AWS/ApiGateway", "5XXError", "Sum"),
            {"ApiName": named("api"), "Stage": "api"},
        ),
    }
    if has_saga:
        made["SagaFailuresAlarm"] = _alarm(
            "report-saga",
            "A report saga ended without handling its own failure",
            ("AWS/States", "ExecutionsFailed", "Sum"),
            {"StateMachineArn": ref("ReportSaga")},
        )
    return made


def _alarm(name: str, description: str, metric: tuple[str, str, str], dimensions: Json) -> Json:
    namespace, metric_name, statistic = metric
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": named(name),
            "AlarmDescription": description,
            "Namespace": namespace,
            "MetricName": metric_name,
            "Statistic": statistic,
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
            "Period": FIVE_MINUTES,
            "EvaluationPeriods": 1,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": {"Fn::If": ["HasAlarmTopic", [ref("AlarmTopicArn")], ref("AWS::NoValue")]},
        },
    }
