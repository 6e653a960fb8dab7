"""Deferred tasks: work that is done at a given time, and schedules, which make such tasks again and again.

Table `deferred_tasks`, key `id` (the number as text), with the index `due`: when somebody may take the task. Table
`schedules`, key `id` (UUID), with the same index. Events: `deferred_task.completed`, `.failed`, `.cancelled`. The queue
`deferred` and the EventBridge Scheduler wake the function `run_deferred` in time; the sweep behind them finds what
they lost. What a type of task does is one function with `@task_type`; reports adds `generate_report`.
"""
