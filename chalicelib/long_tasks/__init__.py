"""Long tasks: work that takes minutes, each with an execution of a state machine that waits without compute.

Table `long_tasks`: the tasks of a user in eight partitions, by number (`owner`, `id`), so that the list of a user reads
nothing else and is exact right after a write; the claim `long_tasks#number=...` has the user of a number. Events:
`long_task.completed`, `long_task.failed`. A kind of work is a function with `@task_kind` (kinds.py). The sweep starts
the execution again when it was lost. Called by reports (`between`).
"""
