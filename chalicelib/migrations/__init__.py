"""Migrations: what a release has to change in the items that earlier releases have written.

Numbered, one module each in `numbered/`, applied in this order by the function `migrate` while the system works. Table
`migrations` (core/readiness.py): what is applied, and how far the current one has come. Called by `make migrate`,
`make deploy`, `make run`, and by the sweep, which continues what was interrupted.
"""
