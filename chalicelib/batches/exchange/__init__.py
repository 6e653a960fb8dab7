"""Import and export of batches: sheets in, sheets out.

No table of its own: tasks are in background_tasks, files for users in files. In the bucket lie `work/uploads/` (what
clients put there themselves), `work/imports/` (the file of an import, and its failed rows) and `work/exports/` (what an
export has read so far); all of `work/` lives one day. Event: `batch.import_completed`. Registered in wiring: routes,
and the runners of the kinds `import` and `export`.
"""
