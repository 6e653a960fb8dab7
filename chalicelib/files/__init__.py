"""Files made for users: exports, rows that failed, batch reports. They are downloaded from `/api/reports/{file_id}`.

Table `files`, key `file_id`; the objects are under `files/<days>d/`, which the bucket's lifecycle rules empty. A record
outlives its file by 30 days, to say 410 and not 404. Called by batches and reports.
"""
