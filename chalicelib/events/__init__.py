"""Events: each state change writes its event here, in the transaction of the change (transactional outbox).

Table `events`: `aggregate` (e.g. `batch#<uuid>`) and `seq` (ordered by time). It is the outbox and, for 90 days, the
event log. The table's stream starts the relay, which puts events on the bus in order per aggregate and marks them sent;
the sweep sends what the stream missed. An event that has no listener and that no webhook may carry is only in the log.
Called by every package that changes state; `wiring.listeners` has the listeners.
"""
