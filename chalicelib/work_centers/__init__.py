"""Work centres: where batches are made.

Table `work_centers`, key `uuid`; claim `work_centers#identifier=…` keeps the identifier unique. Events:
`work_center.deleted`. Called by batches. Whether a work centre has batches is known by the counter of the batch list
(`batches_counter`): deleting seals it, so that no batch can slip in afterwards.
"""
