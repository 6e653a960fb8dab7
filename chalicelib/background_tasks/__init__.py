"""Background tasks: the record of asynchronous work of any kind (import, export, aggregation, adding many products).

Table `background_tasks`, key `task_id`; a task is deleted 24 hours after its end. A use case writes the record and
sends a message to the queue `work`; the function `work` calls the runner of the kind (`wiring.runners`). The sweep
sends a message again for each task that no worker runs. Called by batches.
"""
