"""What the lab shows: tests of itself, and of what meshgen renders."""
