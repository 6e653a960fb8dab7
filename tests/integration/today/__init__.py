"""What goes on now, on moto."""
