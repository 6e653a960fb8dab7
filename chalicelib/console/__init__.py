"""The console served: its one page, the files that it loads, and what `/` answers.

It is built out of `console/` by infra/console.py and owns no table. On AWS it lies in the package of the functions; the
local stage serves it out of the folder that it is built in, so that a new one needs no deployment.
"""
