"""Deferred tasks, which run at a given time, and schedules, which make such tasks repeatedly.

Table `deferred_tasks`, key `id` (the number as text), and table `schedules`, key `id` (UUID), both with the index `due`
by the time from which an item may be taken. Events: `deferred_task.completed`, `.failed`, `.cancelled`. The queue
`deferred` and the EventBridge Scheduler call the function `run_deferred` in time; the sweep finds tasks whose message
was lost. A type of task is a function with `@task_type` (types.py); reports adds `generate_report`.
"""
