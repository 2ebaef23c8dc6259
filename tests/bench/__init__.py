"""Measured tables: `make bench` writes them, README and the site show them."""
