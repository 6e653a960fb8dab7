"""A chaos run: every kind of work at once while function workers are killed at random, then a check of all results.

`killer.py` kills workers, `client.py` repeats requests, `work.py` has the kinds of work, `ledger.py` records what was
acknowledged, `aftermath.py` checks the end.
"""
