"""What reacts to what, a screen each: routes, listeners of events, runners of tasks, parts of the sweep.

Each function imports the screen that it works from, so it starts with the packages that it needs.
"""
