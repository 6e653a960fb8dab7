"""The alarms of CloudWatch. They are sent to an SNS topic, a parameter; without it there are no alarms and no costs."""

from chalicelib.core.logs import NAMESPACE
from infra.machines import MACHINES, Machine
from infra.names import Json, camel, function_name, named, ref, short_name

FIVE_MINUTES = 300
RULES = ("react", "webhooks")  # of the bus (messaging.py)
QUEUES = {
    "react": "Events that no handler could process wait in the dead letter queue",
    "webhooks": "Events that could not be turned into webhook deliveries wait in the dead letter queue",
    "deliveries": "Messages of webhook deliveries that failed five times wait in the dead letter queue",
    "deferred": "Messages of deferred tasks that failed five times, or the Scheduler could not send, wait in the DLQ",
    "outside": "Messages of callbacks that are due and failed five times wait in the dead letter queue",
    "work": "Messages of background tasks that failed five times wait in the dead letter queue",
}
OLDEST = {"react": 600, "webhooks": 300, "deliveries": 1_200, "deferred": 1_200, "outside": 1_200, "work": 1_800}
"""Seconds a message may wait. They include delays of up to 900 s, and in `work` the time of the work."""
RELAY_LAG = 60_000  # milliseconds from a commit to the relay
UNSENT = (NAMESPACE, "OldestUnsentEvent", "Maximum")  # measured by the sweep, in seconds
UNSENT_LAG = 180  # the sweep has tried to send it twice
WATCHED = {
    "api_handler": "The API fails outside of its own error handling",
    "relay": "The relay cannot put events on the bus; the sweep does, a minute later",
    "sweep": "A part of the sweep fails: what lost its message is not found; its log names the part",
    "migrate": "A migration fails, and lists that wait for it are refused; its log has the reason",
    "refresh_analytics": "The figures of the dashboard are not refreshed: the API shows those of before",
}
"""Functions whose failures appear nowhere else. Those of the others appear in a dead letter queue, in a state machine
or in the response to a user."""
THROTTLED = ("api_handler", "relay", "sweep", "run_deferred")
"""Functions that are late when they are throttled. Calls of the others are repeated, which appears in the age of the
messages."""

BUSY_TABLES = (
    *("batches", "products", "events", "counters", "claims", "idempotency"),
    *("background_tasks", "deferred_tasks", "webhook_deliveries", "sagas"),
)
"""Tables whose writes grow with the traffic. An alarm has ten metrics at most; the dashboard shows all tables."""
SLOW_MS = 3_000  # for one call in twenty
UNDELIVERED = {
    "FailedInvocations": "The bus has given up sending events to the queue",
    "InvocationsFailedToBeSentToDlq": "Events are lost: neither the queue nor its dead letter queue takes them",
}


def resources() -> Json:
    """Return the alarms as resources."""
    made = {
        **{f"{camel(name)}DlqAlarm": _dlq_alarm(name, text) for name, text in QUEUES.items()},
        **{f"{camel(name)}AgeAlarm": _age_alarm(name, seconds) for name, seconds in OLDEST.items()},
        **{f"{machine.logical_id}FailuresAlarm": _machine_alarm(machine) for machine in MACHINES},
        **{f"{camel(name)}ErrorsAlarm": _errors_alarm(name, text) for name, text in WATCHED.items()},
        **_api_alarms(),
        **{f"{camel(name)}ThrottlesAlarm": _throttles_alarm(name) for name in THROTTLED},
        **{f"Tables{kind}ThrottlesAlarm": _tables_alarm(kind) for kind in ("Read", "Write")},
        **{f"{camel(rule)}UndeliveredAlarm": _rule_alarm(rule, "FailedInvocations") for rule in RULES},
        **{f"{camel(rule)}LostAlarm": _rule_alarm(rule, "InvocationsFailedToBeSentToDlq") for rule in RULES},
        "SweepSilentAlarm": _silence_alarm("sweep"),
        **_event_alarms(),
    }
    return {name: {**alarm, "Condition": "HasAlarmTopic"} for name, alarm in made.items()}


def _api_alarms() -> Json:
    stage = {"ApiName": named("api"), "Stage": "api"}
    return {
        "ApiFailuresAlarm": _alarm(
            "api-5xx",
            "The API answers 5xx: every one of them is a bug or an outage",
            ("AWS/ApiGateway", "5XXError", "Sum"),
            stage,
        ),
        "ApiLatencyAlarm": _alarm(
            "api-latency",
            "One call in twenty takes over three seconds",
            ("AWS/ApiGateway", "Latency", "p95"),
            stage,
            over=SLOW_MS,
            periods=3,
        ),
    }


def _event_alarms() -> Json:
    return {
        "RelayLagAlarm": _alarm(
            "relay-lag",
            "Events wait over a minute for the relay",
            ("AWS/Lambda", "IteratorAge", "Maximum"),
            {"FunctionName": function_name("relay")},
            over=RELAY_LAG,
        ),
        "UnsentEventsAlarm": _alarm(
            "unsent-events",
            "An event waits for three minutes: the bus refuses it, or nobody sends",
            UNSENT,
            {"Stack": ref("AWS::StackName")},
            over=UNSENT_LAG,
        ),
    }


def _machine_alarm(machine: Machine) -> Json:
    metric = ("AWS/States", "ExecutionsFailed", "Sum")
    return _alarm(f"{machine.name}-failures", machine.failure, metric, {"StateMachineArn": ref(machine.logical_id)})


def _dlq_alarm(queue: str, description: str) -> Json:
    metric = ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum")
    return _alarm(f"{queue}-dlq", description, metric, _queue(f"{camel(queue)}Dlq"))


def _age_alarm(queue: str, seconds: int) -> Json:
    metric = ("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum")
    text = f"A message waits in the queue {queue} for over {seconds} s: its function fails, or is too slow"
    return _alarm(f"{queue}-age", text, metric, _queue(f"{camel(queue)}Queue"), over=seconds)


def _errors_alarm(function: str, description: str) -> Json:
    metric = ("AWS/Lambda", "Errors", "Sum")
    return _alarm(f"{short_name(function)}-errors", description, metric, {"FunctionName": function_name(function)})


def _throttles_alarm(function: str) -> Json:
    text = "Calls are refused because the account has no function left to run them"
    dimensions = {"FunctionName": function_name(function)}
    return _alarm(f"{short_name(function)}-throttles", text, ("AWS/Lambda", "Throttles", "Sum"), dimensions)


def _tables_alarm(kind: str) -> Json:
    """Return the alarm on throttled reads or writes of the busy tables, added up."""
    text = f"DynamoDB throttles {kind.lower()}s: work is late, and after ten seconds calls are answered 503"
    summed = {"Id": "all", "Expression": "SUM(FILL(METRICS(), 0))", "ReturnData": True}
    metrics = [summed, *(_throttled(kind, table) for table in BUSY_TABLES)]
    return _alarm_on(f"tables-{kind.lower()}-throttles", text, {"Metrics": metrics})


def _throttled(kind: str, table: str) -> Json:
    dimension = {"Name": "TableName", "Value": named(table)}
    metric = {"Namespace": "AWS/DynamoDB", "MetricName": f"{kind}ThrottleEvents", "Dimensions": [dimension]}
    stat = {"Metric": metric, "Period": FIVE_MINUTES, "Stat": "Sum"}
    return {"Id": table, "MetricStat": stat, "ReturnData": False}


def _rule_alarm(rule: str, metric: str) -> Json:
    """Return the alarm on events that a rule could not hand over."""
    name = f"{rule}-{'undelivered' if metric == 'FailedInvocations' else 'lost'}"
    dimensions = {"EventBusName": named("bus"), "RuleName": named(rule)}
    return _alarm(name, UNDELIVERED[metric], ("AWS/Events", metric, "Sum"), dimensions)


def _silence_alarm(function: str) -> Json:
    """Return the alarm on a function that nobody calls any more, whatever the reason."""
    text = "The schedule calls the function no more: what lost its message is not found"
    dimensions = {"FunctionName": function_name(function)}
    alarm = _alarm(f"{short_name(function)}-silent", text, ("AWS/Lambda", "Invocations", "Sum"), dimensions, periods=2)
    silent = {"ComparisonOperator": "LessThanThreshold", "Threshold": 1, "TreatMissingData": "breaching"}
    return {**alarm, "Properties": {**alarm["Properties"], **silent}}


def _queue(logical_id: str) -> Json:
    return {"QueueName": {"Fn::GetAtt": [logical_id, "QueueName"]}}


def _alarm(
    name: str, description: str, metric: tuple[str, str, str], dimensions: Json, over: int = 0, periods: int = 1
) -> Json:
    namespace, metric_name, statistic = metric
    source = {
        "Namespace": namespace,
        "MetricName": metric_name,
        "ExtendedStatistic" if statistic.startswith("p") else "Statistic": statistic,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        "Period": FIVE_MINUTES,
    }
    return _alarm_on(name, description, source, over, periods)


def _alarm_on(name: str, description: str, source: Json, over: int = 0, periods: int = 1) -> Json:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": named(name),
            "AlarmDescription": description,
            **source,
            "EvaluationPeriods": periods,
            "Threshold": over,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [ref("AlarmTopicArn")],
        },
    }
