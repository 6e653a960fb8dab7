"""The trace of a product code: its batches, who added and aggregated it, and the events and reports about it.

Owns no table. It reads a bounded amount: a page of products by their index, some events of each batch, and the last
reports on the batch. No other package calls it.
"""
