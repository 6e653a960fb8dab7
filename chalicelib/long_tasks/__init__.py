"""Long tasks: work that takes minutes, each with an execution of its own that waits without compute.

Table `long_tasks`: the tasks of a user in a few partitions, by number (`owner`, `id`), so that his list reads nothing
else and is exact right after a write; the claim `long_tasks#number=…` tells whose a number is. Events:
`long_task.completed`, `long_task.failed`. A kind of work is a function with `@task_kind` (kinds.py). The sweep starts
again what has lost its execution. Called by reports (`between`).
"""
