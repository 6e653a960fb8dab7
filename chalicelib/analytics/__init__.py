"""Analytics: how much is made, where and when.

Table `analytics`, two items: the dashboard and the products of each hour, as the last refresh left them. Figures by
work centre, shift and day come from the totals that batches keeps. `recount` holds everything that is counted against
the items. Called by today.
"""
