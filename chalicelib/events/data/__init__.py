"""Models of the data of events, a module for each area. `types.py` has the model of each event type."""
