"""The report on a batch, made while the user waits: `POST /api/batches/{batch_id}/reports/generate`.

The API function invokes the Lambda function `batch_report` and waits for its result (service.py). That function renders
the document of template 3, stores it in S3 under `files/7d/`, and records `batch.report_generated` (making.py). When
the request names an address, `batch.report_mail_requested` is recorded too, and its listener sends the file (email.py).
Owns no table: the file is registered in `files`.
"""
