"""deferred_tasks."""
