"""Products: marked items of a batch.

Table `products`. A product: `pk` = `<batch id>#<bucket>`, `sk` = its number in the batch, 1,000 in a bucket, so that
the first products of a batch are one short read for any number. Its pointer: `pk` = product id (made of batch
id and code, hence unique within the batch). The pages of a batch (pages.py): its first 1,000 products as JSON.
Events of products are written by batches, which owns the use cases that touch both.
"""
