"""Reports, made in the background by a saga of six steps.

Tables `reports` (key `id`, a number as text), `report_templates` (those of users; the built-in ones are in layouts/),
and `sagas` (key `saga_id`; its state and steps). Files in S3: `work/<saga>/` while the saga runs, then
`reports/report_<id>/`. The state machine saga.asl.json calls steps.py; the sweep resumes a saga that has lost its
execution. Events: `report.created`, `.completed`, `.failed`, `.cancelled`, `.deleted`, and `saga.*`, the event log of a
saga. batch_report/ is the report on a batch that is made while the user waits.
"""
