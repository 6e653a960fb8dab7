"""What happened: every state change writes its event here, in the transaction of the change (the outbox).

Table `events`: `aggregate` (e.g. `batch#<uuid>`) and `seq` (time-ordered), kept 90 days; this is also the event log.
The table's stream wakes the relay, which puts events on the bus in order per aggregate and marks them sent; the sweep
sends what the stream missed. Called by every package that changes state; `wiring.listeners` says who listens.
"""
