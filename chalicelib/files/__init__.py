"""Files made for users: exports, failed rows, reports on a batch. They are downloaded from `/api/reports/{file_id}`.

Table `files`, key `file_id`. The objects are in S3 under `files/<days>d/`; the bucket's lifecycle rules delete them.
The record is kept for 30 more days, so that a download gets 410 and not 404. Called by batches and reports.
"""
