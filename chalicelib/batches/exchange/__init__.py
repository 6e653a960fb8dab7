"""Import and export of batches: sheets in, sheets out.

It has no table: tasks are in background_tasks, files for users in files. In the bucket it has `work/uploads/` (uploads
of clients), `work/imports/` (the file of an import, and its failed rows) and `work/exports/` (the parts of an export);
objects under `work/` are deleted after one day. Event: `batch.import_completed`. Registered in wiring: routes,
and the runners of the kinds `import` and `export`.
"""
