"""Batches: what a shift makes at a work centre, and the products in it.

Table `batches`, key `uuid`; claim `batches#number=…#date=…`. Events: `batch.created`, `.closed`, `.opened`,
`.product_added`, `.product_removed`, `.aggregated`, `.deleted`, `product.aggregated`. Owns every use case that touches
a batch and its products, or a work centre and its batches. Tasks of the kinds `products` (bulk.py) and `aggregation`
(aggregation.py, steps.py and the state machine beside them), whose codes and errors are in `work/tasks/` of the bucket.
`service.py` is called by reports, analytics, today and trace.
"""
