"""What several chapters share: comparisons, survival curves, measures, means of organs."""
