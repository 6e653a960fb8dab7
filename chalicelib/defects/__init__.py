"""Defects: what was found on a site, who is to put it right, and until when.

Table `defects`, key `uuid`, a number for humans beside it; `defect_records`: history, comments and attachments of
each; `defect_totals`: the progress of each site, kept by the writes. Files under `defects/` in the bucket. Events:
`defect.*`; the sweep announces `defect.overdue`. Listens to its own deletions, and to `site.updated`: customers see
the defects of their sites. Called by reports and the recount.
"""
