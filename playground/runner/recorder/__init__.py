"""What is seen of a running program: its graphs, the numbers in them, and what goes wrong silently."""
