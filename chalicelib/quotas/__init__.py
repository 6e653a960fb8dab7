"""Daily quotas: how much of what costs money or trouble one user may make in a day, and how much he has made.

Table `quotas`, one item a user and day, forgotten after 40 days. Use is counted in the transaction that makes the
thing, so what is refused takes nothing. Called by who makes such things: deferred_tasks, long_tasks, background_tasks,
reports, batches, defects. Administrators are neither bounded nor counted.
"""
