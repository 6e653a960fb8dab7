"""What is deployed: the routes of the API, then every other Lambda function, one to three lines each."""

from chalice import Chalice

app = Chalice(app_name="shopfloor")


@app.route("/api/healthcheck/service")
def healthcheck():
    return {"status": "ok"}
