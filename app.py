"""The deployed functions: the API, then every other Lambda function in one to three lines.

A function imports what its calls need when it starts, and nothing else: `handler` lets each of these load its work at
the start of its own function. The function `api` loads all routes, and so do tests and tools.
"""

import gc
from typing import Any

from chalicelib.core.application import App
from chalicelib.core.aws import make_clients
from chalicelib.core.logs import Work, handler
from chalicelib.core.settings import settings

gc.set_threshold(10_000)  # the default, 700, makes collections a tenth of the cost of a read
app = App(app_name="shopfloor")
if settings().function in ("api", ""):
    from chalicelib.wiring import routes

    app.access = routes.ACCESS
    for each in routes.routes_of(settings().stage):
        app.register(each)
if settings().function == "api":
    make_clients("secretsmanager")  # it has the keys of tokens


@app.lambda_function(name="relay")
@handler("relay", "events")
def relay() -> Work:
    """Stream of the table `events`: put new events on the bus."""
    from chalicelib.events import relay as outbox
    from chalicelib.webhooks import subscribed

    return lambda event, _: outbox.relay(event, subscribed.event_names)


@app.lambda_function(name="sweep")
@handler("sweep")
def sweep() -> Work:
    """Every minute: send events that the stream has missed, resume stopped work, announce late work."""
    from chalicelib.core import later_work
    from chalicelib.wiring.sweeps import SWEEPS

    return lambda _event, _context: later_work.run_sweeps(SWEEPS)


@app.lambda_function(name="react")
@handler("react")
def react() -> Work:
    """Queue `react`: call the listeners of events."""
    from chalicelib.events import reactions
    from chalicelib.wiring.listeners import LISTENERS

    return lambda event, _: reactions.handle(event, LISTENERS)


@app.lambda_function(name="fan_out")
@handler("fan_out", "sqs")
def fan_out() -> Work:
    """Queue `webhooks`: create a delivery for each event and subscription."""
    from chalicelib.webhooks import fan_out as webhooks

    return lambda event, _: webhooks.handle(event)


@app.lambda_function(name="deliver")
@handler("deliver")
def deliver() -> Work:
    """Queue `deliveries`: make one attempt of each delivery."""
    from chalicelib.webhooks import sending

    return lambda event, _: sending.handle(event)


@app.lambda_function(name="work")
@handler("work", "s3")
def work() -> Work:
    """Queue `work`: run background tasks."""
    from chalicelib.background_tasks import service
    from chalicelib.wiring.runners import RUNNERS, UNDOERS

    return lambda event, context: service.work(event, RUNNERS, UNDOERS, context)


@app.lambda_function(name="report_step")
@handler("report_step", "s3")
def report_step() -> Work:
    """Report saga: run the step of the event. One function, so that a report has one cold start instead of six."""
    from chalicelib.reports import steps

    return lambda event, _: steps.run(event)


@app.lambda_function(name="report_compensate")
@handler("report_compensate")
def report_compensate() -> Work:
    """Report saga: compensate the last step that is not compensated yet."""
    from chalicelib.reports import steps

    return lambda event, _: steps.compensate(event)


@app.lambda_function(name="aggregate_plan")
@handler("aggregate_plan")
def aggregate_plan() -> Work:
    """Aggregation of a batch: return its chunks."""
    from chalicelib.batches import steps

    return lambda event, _: steps.plan(event)


@app.lambda_function(name="aggregate_chunk")
@handler("aggregate_chunk")
def aggregate_chunk() -> Work:
    """Aggregation of a batch: aggregate one chunk of products."""
    from chalicelib.batches import steps

    return lambda event, _: steps.chunk(event)


@app.lambda_function(name="aggregate_finish")
@handler("aggregate_finish")
def aggregate_finish() -> Work:
    """Aggregation of a batch: write its result or its failure."""
    from chalicelib.batches import steps

    return lambda event, _: steps.finish(event)


@app.lambda_function(name="batch_report")
@handler("batch_report", "s3")
def batch_report() -> Work:
    """Called by the API, which waits for it: make the report on a batch."""
    from chalicelib.reports.batch_report import making

    return lambda event, context: making.make(event, context.get_remaining_time_in_millis)


@app.lambda_function(name="refresh_analytics")
@handler("refresh_analytics")
def refresh_analytics() -> Work:
    """Every 5 minutes and after a deployment: refresh the dashboard and the products of each hour."""
    from chalicelib.analytics import service

    def refresh(_event: Any, context: Any) -> None:
        service.refresh()
        service.refresh_hours(context.get_remaining_time_in_millis)

    return refresh


@app.lambda_function(name="recount")
@handler("recount")
def recount() -> Work:
    """`make recount`: compare the counters with the stored items."""
    import chalicelib.wiring.routes  # noqa: F401 - registers every list
    from chalicelib.analytics import recount as recounting

    return lambda _, context: recounting.run(context.get_remaining_time_in_millis)


@app.lambda_function(name="migrate")
@handler("migrate")
def migrate() -> Work:
    """`make migrate`, a deployment, the sweep: change the items of earlier releases into what the code reads."""
    import chalicelib.wiring.routes  # noqa: F401 - registers every list
    from chalicelib.migrations import service

    return lambda event, context: service.migrate(event, context.get_remaining_time_in_millis)


@app.lambda_function(name="run_deferred")
@handler("run_deferred")
def run_deferred() -> Work:
    """Queue `deferred`: run schedules and due deferred tasks, except those that call other hosts."""
    import chalicelib.wiring.task_types  # noqa: F401 - registers every type
    from chalicelib.deferred_tasks import handlers

    return lambda event, _: handlers.work(event)


@app.lambda_function(name="run_outside")
@handler("run_outside")
def run_outside() -> Work:
    """Queue `outside`: run due deferred tasks that call other hosts."""
    import chalicelib.wiring.task_types  # noqa: F401 - registers every type
    from chalicelib.deferred_tasks import handlers

    return lambda event, _: handlers.work_outside(event)


@app.lambda_function(name="run_long_task")
@handler("run_long_task")
def run_long_task() -> Work:
    """State machine of long tasks: run the work before and after the wait."""
    from chalicelib.long_tasks import steps

    return lambda event, _: steps.run(event)


@app.lambda_function(name="make_admin")
@handler("make_admin")
def make_admin() -> Work:
    """`make admin`: create the first administrator."""
    from chalicelib.users import admin

    return lambda event, _: admin.make(event)


@app.lambda_function(name="rotate_key")
@handler("rotate_key", "secretsmanager")
def rotate_key() -> Work:
    """`make rotate-key`: write a new signing key."""
    from chalicelib.core import signing_keys

    return lambda event, _: signing_keys.rotate(event)
