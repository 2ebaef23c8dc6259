"""How large the windows of a reader are, and how long a page may take to answer."""

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 400, "height": 800}
SOON = 15_000  # milliseconds
