"""The wire and the documents: pure functions from JSON to values and back."""
