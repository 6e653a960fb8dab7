"""The dashboard of today: running shifts with plan and fact, products by hour, and what needs action.

Owns no table. Each part reads an index with just the matching items and counts up to a limit, so a poll costs the same
at ten and at a hundred thousand batches. No other package calls it.
"""
