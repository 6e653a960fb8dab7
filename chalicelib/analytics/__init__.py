"""Analytics: how much is made, where and when.

Table `analytics`, two items: the dashboard and the number of products by hour, as of the last refresh. Figures by work
centre, shift and day are sums of the totals buckets of batches. `recount` compares what the writes count with
the items. Called by today.
"""
