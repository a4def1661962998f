"""What a page offers a person: which column is which, what a file holds, an empty template."""
