"""The deployed functions: the API, then every other Lambda function in one to three lines.

A function imports its packages when it is called, so a cold start costs only its own work. The function `api` imports
the routes of a package with their first call; tests and tools import all routes at once.
"""

import gc
from typing import Any

from chalicelib.core.application import App
from chalicelib.core.logs import handler
from chalicelib.core.settings import settings

gc.set_threshold(10_000)  # the default, 700, makes collections a tenth of the cost of a read
app = App(app_name="shopfloor")
if settings().serves_api:
    from chalicelib.wiring import routes

    app.access = routes.ACCESS
    app.serve(routes.ROUTE_MODULES, at_once=not settings().aws_lambda_function_name)


@app.lambda_function(name="relay")
@handler("relay")
def relay(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Stream of the table `events`: put new events on the bus."""
    from chalicelib.events import relay as outbox
    from chalicelib.webhooks import subscribed

    return outbox.relay(event, subscribed.event_names)


@app.lambda_function(name="sweep")
@handler("sweep")
def sweep(event: dict[str, Any], context: Any) -> None:
    """Every minute: send events that the stream has missed, resume stopped work, announce late work."""
    from chalicelib.core import later_work
    from chalicelib.wiring.sweeps import SWEEPS

    later_work.run_sweeps(SWEEPS)


@app.lambda_function(name="react")
@handler("react")
def react(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Queue `react`: call the listeners of events."""
    from chalicelib.events import reactions
    from chalicelib.wiring.listeners import LISTENERS

    return reactions.handle(event, LISTENERS)


@app.lambda_function(name="fan_out")
@handler("fan_out")
def fan_out(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Queue `webhooks`: create a delivery for each event and subscription."""
    from chalicelib.webhooks import fan_out as webhooks

    return webhooks.handle(event)


@app.lambda_function(name="deliver")
@handler("deliver")
def deliver(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Queue `deliveries`: make one attempt of each delivery."""
    from chalicelib.webhooks import sending

    return sending.handle(event)


@app.lambda_function(name="work")
@handler("work")
def work(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Queue `work`: run background tasks."""
    from chalicelib.background_tasks import service
    from chalicelib.wiring.runners import RUNNERS, UNDOERS

    return service.work(event, RUNNERS, UNDOERS, context)


@app.lambda_function(name="report_step")
@handler("report_step")
def report_step(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Report saga: run the step of the event. One function, so that a report has one cold start instead of six."""
    from chalicelib.reports import steps

    return steps.run(event)


@app.lambda_function(name="report_compensate")
@handler("report_compensate")
def report_compensate(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Report saga: compensate the last step that is not compensated yet."""
    from chalicelib.reports import steps

    return steps.compensate(event)


@app.lambda_function(name="aggregate_plan")
@handler("aggregate_plan")
def aggregate_plan(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Aggregation of a batch: return its chunks."""
    from chalicelib.batches import steps

    return steps.plan(event)


@app.lambda_function(name="aggregate_chunk")
@handler("aggregate_chunk")
def aggregate_chunk(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Aggregation of a batch: aggregate one chunk of products."""
    from chalicelib.batches import steps

    return steps.chunk(event)


@app.lambda_function(name="aggregate_finish")
@handler("aggregate_finish")
def aggregate_finish(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Aggregation of a batch: write its result or its failure."""
    from chalicelib.batches import steps

    return steps.finish(event)


@app.lambda_function(name="batch_report")
@handler("batch_report")
def batch_report(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Called by the API, which waits for it: make the report on a batch."""
    from chalicelib.reports.batch_report import making

    return making.make(event, context.get_remaining_time_in_millis)


@app.lambda_function(name="refresh_analytics")
@handler("refresh_analytics")
def refresh_analytics(event: dict[str, Any], context: Any) -> None:
    """Every 5 minutes and after a deployment: refresh the dashboard and the products of each hour."""
    from chalicelib.analytics import service

    service.refresh()
    service.refresh_hours(context.get_remaining_time_in_millis)


@app.lambda_function(name="recount")
@handler("recount")
def recount(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """`make recount`: compare the counters with the stored items."""
    from chalicelib.analytics import recount as recounting
    from chalicelib.wiring import routes

    routes.import_all()  # registers every list
    return recounting.run(context.get_remaining_time_in_millis)


@app.lambda_function(name="run_deferred")
@handler("run_deferred")
def run_deferred(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Queue `deferred`: run schedules and due deferred tasks, except those that call other hosts."""
    import chalicelib.wiring.task_types  # noqa: F401 - registers every type
    from chalicelib.deferred_tasks import handlers

    return handlers.work(event)


@app.lambda_function(name="run_outside")
@handler("run_outside")
def run_outside(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Queue `outside`: run due deferred tasks that call other hosts."""
    import chalicelib.wiring.task_types  # noqa: F401 - registers every type
    from chalicelib.deferred_tasks import handlers

    return handlers.work_outside(event)


@app.lambda_function(name="run_long_task")
@handler("run_long_task")
def run_long_task(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """State machine of long tasks: run the work before and after the wait."""
    from chalicelib.long_tasks import steps

    return steps.run(event)


@app.lambda_function(name="make_admin")
@handler("make_admin")
def make_admin(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """`make admin`: create the first administrator."""
    from chalicelib.users import admin

    return admin.make(event)


@app.lambda_function(name="rotate_key")
@handler("rotate_key")
def rotate_key(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """`make rotate-key`: write a new signing key."""
    from chalicelib.core import signing_keys

    return signing_keys.rotate(event)
