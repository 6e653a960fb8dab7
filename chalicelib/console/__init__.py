"""Serves the console: its page, its files, and the answer of `/`.

infra/console.py builds it from `console/`. It owns no table. On AWS it is in the package of the functions; the local
stage serves it from the folder of the build, so a new build needs no deployment.
"""
