"""Operations: one list of all work that runs, waits or has ended, and the replay of failed work in bulk.

Owns no table: it reads the lists of background tasks, deferred tasks, schedules, long tasks and sagas and merges them
(`merging.py`). `kinds.py` declares each kind, `views.py` converts its records. A replay calls the retry of the kind for
each operation.
"""
