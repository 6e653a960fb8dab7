"""Analytics: how much is made, where and when.

Table `analytics`, one item: the dashboard, as the last refresh left it. Figures by work centre, shift and day come from
the totals that batches keeps. `recount` holds everything that is counted against the items. Called by nobody.
"""
