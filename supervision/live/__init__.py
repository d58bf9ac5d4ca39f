"""The live round: an append-only log and its fold."""
