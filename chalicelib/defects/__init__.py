"""Defects of construction sites, with assignee, due date, history, comments and attachments.

Table `defects`, key `uuid`, with a number for users; `defect_records`: history, comments and attachments;
`defect_totals`: the progress of each site, updated by the same transactions. Files under `defects/` in the bucket.
Events: `defect.*`; the sweep records `defect.overdue`. Listens to its own deletions, and to `site.updated`, because
customers see the defects of their sites. Called by reports and the recount.
"""
