"""What is deployed: the routes of the API, then every other Lambda function, one to three lines each."""

from typing import Any

from chalicelib import wiring
from chalicelib.core.http import App
from chalicelib.core.logs import handler
from chalicelib.events import relay as outbox

app = App(app_name="shopfloor")
for routes in wiring.ROUTES:
    app.register_blueprint(routes.blueprint)


@app.lambda_function(name="relay")
@handler("relay")
def relay(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Stream of the table `events`: puts what was written on the bus."""
    return outbox.relay(event)


@app.lambda_function(name="sweep")
@handler("sweep")
def sweep(event: dict[str, Any], context: Any) -> None:
    """Every minute: puts on the bus what the stream missed."""
    outbox.sweep()


@app.lambda_function(name="react")
@handler("react")
def react(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Queue `react`: calls the listeners of events."""
    from chalicelib.events import reactions  # loads the batch processor, which no other function needs

    return reactions.handle(event, wiring.LISTENERS)
