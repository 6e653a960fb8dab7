"""The table of functions as resources of a template."""

import pytest

import app
from infra import lambdas
from infra.functions import functions
from infra.names import function_id
from infra.template import deployed_functions


@pytest.mark.parametrize(("stage", "highest"), [("local", 4), ("prod", 20)])
def test_queues_start_as_many_calls_as_the_stage_has_room_for(stage: str, highest: int) -> None:
    table = functions(deployed_functions(app.app))
    made = lambdas.resources(table, stage)
    limits = {
        name: source["Properties"]["ScalingConfig"]["MaximumConcurrency"]
        for name in table
        for source in made[function_id(name)]["Properties"].get("Events", {}).values()
        if "ScalingConfig" in source["Properties"]
    }
    assert (limits["run_deferred"], limits["deliver"], limits["fan_out"]) == (min(10, highest), min(8, highest), 2)
    assert limits["run_outside"] == max(limits.values()) == highest
