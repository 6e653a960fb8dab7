"""What must wake somebody: an event nobody could handle, a failed report, an API that answers 5xx."""

from infra.machines import MACHINES, Machine
from infra.names import Json, camel, named, ref

FIVE_MINUTES = 300
QUEUES = {
    "react": "Events that no handler could process wait in the dead letter queue",
    "webhooks": "Events that could not be turned into webhook deliveries wait in the dead letter queue",
    "deliveries": "Messages of webhook deliveries that failed five times wait in the dead letter queue",
    "deferred": "Messages of deferred tasks that failed five times, or the Scheduler could not send, wait in the DLQ",
    "work": "Messages of background tasks that failed five times wait in the dead letter queue",
}


def resources() -> Json:
    """The alarms. Who is told is a parameter: an SNS topic, or nobody."""
    return {
        **{f"{camel(name)}DlqAlarm": _dlq_alarm(name, text) for name, text in QUEUES.items()},
        **{f"{machine.logical_id}FailuresAlarm": _machine_alarm(machine) for machine in MACHINES},
        "ApiFailuresAlarm": _alarm(
            "api-5xx",
            "The API answers 5xx: every one of them is a bug or an outage",
            ("AWS/ApiGateway", "5XXError", "Sum"),
            {"ApiName": named("api"), "Stage": "api"},
        ),
    }


def _machine_alarm(machine: Machine) -> Json:
    metric = ("AWS/States", "ExecutionsFailed", "Sum")
    return _alarm(f"{machine.name}-failures", machine.failure, metric, {"StateMachineArn": ref(machine.logical_id)})


def _dlq_alarm(queue: str, description: str) -> Json:
    metric = ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum")
    dimensions = {"QueueName": {"Fn::GetAtt": [f"{camel(queue)}Dlq", "QueueName"]}}
    return _alarm(f"{queue}-dlq", description, metric, dimensions)


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
