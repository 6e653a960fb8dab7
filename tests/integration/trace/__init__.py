"""Tracing a code, on moto."""
