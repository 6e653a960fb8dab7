"""Users: who acts, by UUID and by number.

For now there is the built-in administrator, number 1, and no table. Called by reports.
"""
