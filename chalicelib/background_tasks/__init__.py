"""Background tasks: one record of asynchronous work, whatever it is (import, export, aggregation, bulk adding).

Table `background_tasks`, key `task_id`, kept 24 hours after the end. A use case creates the record and dispatches it
to the queue `work`; the function `work` runs what `wiring.runners` has for its kind. The sweep dispatches again what
nobody works on. Called by batches.
"""
