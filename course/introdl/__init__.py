"""Introduction to deep learning: the course helper package."""
