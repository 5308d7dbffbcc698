"""What child, server and page say to each other: declared once, versioned, free of Django and of the engine."""

VERSION = 1
