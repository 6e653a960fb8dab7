"""Operations: one list of everything that runs or waits, whatever it is, and its replay in bulk.

Owns no table: it reads the lists of background tasks, deferred tasks, schedules, long tasks and sagas side by side and
merges them (`merging.py`); what each kind is called and may be done with stands in `kinds.py`. A replay is the kind's
own retry, a thing at a time.
"""
