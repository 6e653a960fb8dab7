"""Work centres: where batches are made.

Table `work_centers`, key `uuid`; claim `work_centers#identifier=…` keeps the identifier unique. Events:
`work_center.deleted`. Called by batches. The counter of the batch list (`batches_counter`) has the number of its
batches: deleting seals it, so that no batch can be added afterwards.
"""
