"""long_tasks."""
