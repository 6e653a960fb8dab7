"""Reports made by a saga of six steps, in the background.

Tables `reports` (key `id`, a number as text), `report_templates` (those of users; the built-in ones are layouts/), and
`sagas` (key `saga_id`; its state and steps). Files: S3 `work/<saga>/` while it runs, `reports/report_<id>/` for good.
The machine saga.asl.json calls steps.py; the sweep resumes what lost its execution. Events: `report.created`,
`.completed`, `.failed`, `.cancelled`, `.deleted`, and `saga.*`, which are the event log of a saga.
"""
