"""What goes on now: the running shifts with plan and fact, the products of each hour, and what needs action.

Owns no table. Everything is read by an index that has just what is asked for, and counted no further than a limit, so
a poll costs the same at ten batches and at a hundred thousand. Called by nobody but its route.
"""
