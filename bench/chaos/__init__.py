"""A chaos run: every kind of work at once while function workers are killed at random, then what became of it all.

`killer.py` kills, `client.py` asks and asks again, `work.py` has the kinds of work, `ledger.py` what was acknowledged,
`aftermath.py` looks at the end.
"""
