"""Where a product code is: its batches, who added and aggregated it, and the events and reports that concern it.

Owns no table. What it reads is bounded: a page of products by their index, a window of the events of each batch, and
the last reports that name the batch. Called by nobody but its route.
"""
