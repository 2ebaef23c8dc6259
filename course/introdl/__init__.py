"""Introduction to deep learning: the course's helper package. Import its modules by name."""

__version__ = "0.1.0"
