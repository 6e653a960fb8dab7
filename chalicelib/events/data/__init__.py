"""The data of events, one model for each shape, a file for each area. `types.py` says which event has which."""
