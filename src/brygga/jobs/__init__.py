"""Running work in the background."""
