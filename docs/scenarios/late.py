"""Print the running batches that are behind their plan: curl .../api/analytics/today | python late.py"""

import json
import sys
from datetime import datetime

TOLERANCE = 0.9  # of what should be there by now

today = json.load(sys.stdin)
now = datetime.fromisoformat(today["as_of"])
for place in today["running"]["work_centers"]:
    for shift in place["shifts"]:
        for batch in shift["batches"]:
            begin, end = (datetime.fromisoformat(batch["shift_time_range"][name]) for name in ("start", "end"))
            expected = (batch["planned_quantity"] or 0) * ((now - begin) / (end - begin))
            if not batch["is_closed"] and batch["products_total"] < expected * TOLERANCE:
                name = place["work_center"]["name"]
                print(f"{name}, {batch['team']}: {batch['products_total']} of {round(expected)}")
