"""The connections between packages: routes, listeners of events, runners of tasks, jobs of the sweep.

Each function imports only the module with its own connections, so it starts with the packages that it needs.
"""
