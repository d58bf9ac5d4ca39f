"""The invoice basis (fakturaunderlag): dates, units and sums of an assignment's month, and no person's name."""
