"""Daily quotas: how many emails, SMS, callbacks, tasks, reports and uploads a user may create in a day.

Table `quotas`, one item for each user and day, deleted after 40 days. Use is counted in the transaction that creates
the record, so a refused request uses nothing. Called by deferred_tasks, long_tasks, background_tasks, reports, batches
and defects. Administrators have no limits and are not counted.
"""
